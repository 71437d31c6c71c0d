//! The inner loops: one kernel, one page, each with the source of its formula and a test of its response.

pub mod abreast;
pub mod comb;
pub mod drift;
pub mod envelope;
pub mod modes;
pub mod morph;
pub mod noise;
pub mod oscillator;
#[cfg(test)]
pub mod response;
pub mod svf;
