//! What the plugin says of itself.

use anyhow::{Context, Result};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_host::prelude::*;

use super::callbacks::TestHost;

/// A parameter as the plugin describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Id that a project file remembers it by.
    pub id: u32,
    /// Name a host shows.
    pub name: String,
    /// Lowest plain value.
    pub min: f64,
    /// Highest plain value.
    pub max: f64,
    /// Plain value of a new instance.
    pub default: f64,
    /// Whether a host may change it along the song.
    pub is_automatable: bool,
}

/// An output as the plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Name a host shows.
    pub name: String,
    /// How many channels it has; 2 is stereo.
    pub channels: u32,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn read_params(instance: &mut PluginInstance<TestHost>) -> Result<Vec<Param>> {
    let extension: PluginParams =
        instance.plugin_shared_handle().get_extension().context("the plugin has no parameters")?;
    let handle = instance.plugin_handle();
    let mut params = Vec::new();
    for index in 0..extension.count(&handle) {
        let mut buffer = ParamInfoBuffer::new();
        let info =
            extension.get_info(&handle, index, &mut buffer).context("a parameter without description")?;
        params.push(Param {
            id: info.id.get(),
            name: text(info.name),
            min: info.min_value,
            max: info.max_value,
            default: info.default_value,
            is_automatable: info.flags.contains(ParamInfoFlags::IS_AUTOMATABLE),
        });
    }
    Ok(params)
}

pub(super) fn read_ports(instance: &mut PluginInstance<TestHost>) -> Result<Vec<Port>> {
    let extension: PluginAudioPorts =
        instance.plugin_shared_handle().get_extension().context("the plugin has no outputs")?;
    let handle = instance.plugin_handle();
    let mut ports = Vec::new();
    for index in 0..extension.count(&handle, false) {
        let mut buffer = AudioPortInfoBuffer::new();
        let info =
            extension.get(&handle, index, false, &mut buffer).context("an output without description")?;
        ports.push(Port { name: text(info.name), channels: info.channel_count });
    }
    Ok(ports)
}
