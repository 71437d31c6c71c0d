//! Notes to samples.
