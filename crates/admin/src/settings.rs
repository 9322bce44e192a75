//! Settings that the directory defines (name, bounds, sentence, default) as parameters and properties of cmdlets.
//! May touch: nothing (pure).

use std::sync::OnceLock;

use directory::settings::{Bounds, SettingRow};
use directory::{DirectoryError, ReceiveLimits, SendLimits, TransportConfig, TransportService};
use serde_json::Value as Json;

use crate::arguments::Arguments;
use crate::error::CmdletError;
use crate::output::{Property, Row};
use crate::parameter::{Kind, Parameter};
use crate::value::{Limit, Value, write_span};

/// What stands for no limit in a setting's text.
const NO_LIMIT: &str = "Unlimited";
/// What clears a setting.
const NULL: &str = "$null";

/// The parameters and properties of one group of settings.
#[derive(Debug)]
pub struct Settings {
    /// A parameter per setting.
    pub parameters: Vec<Parameter>,
    /// A property per setting.
    pub properties: Vec<Property>,
}

/// A group of settings as the directory keeps it.
pub trait SettingGroup: Default {
    /// Every setting with its value.
    fn rows(&self) -> Vec<SettingRow>;
    /// Sets one from text.
    ///
    /// # Errors
    /// When the value is unreadable or out of bounds.
    fn set(&mut self, name: &str, text: &str) -> Result<(), DirectoryError>;
}

macro_rules! setting_groups {
    ($($group:ident as $function:ident: $sentence:literal;)+) => {$(
        impl SettingGroup for $group {
            fn rows(&self) -> Vec<SettingRow> {
                $group::rows(self)
            }
            fn set(&mut self, name: &str, text: &str) -> Result<(), DirectoryError> {
                $group::set(self, name, text)
            }
        }

        #[doc = $sentence]
        pub fn $function() -> &'static Settings {
            static DECLARED: OnceLock<Settings> = OnceLock::new();
            DECLARED.get_or_init(declare::<$group>)
        }
    )+};
}

setting_groups! {
    TransportConfig as transport_config: "The settings of the organization's transport.";
    TransportService as transport_service: "The settings of this server's transport.";
    ReceiveLimits as receive_limits: "The limits and keywords of a Receive connector.";
    SendLimits as send_limits: "The limits of a Send connector.";
}

fn declare<G: SettingGroup>() -> Settings {
    let rows = G::default().rows();
    let parameters = rows.iter().map(|row| Parameter::new(row.name, kind_of(row), row.sentence)).collect();
    let properties = rows
        .iter()
        .map(|row| match row.bounds {
            Bounds::Count(..) => Property::number(row.name),
            _ => Property::text(row.name),
        })
        .collect();
    Settings { parameters, properties }
}

/// The kind of parameter that reads a setting. A group is declared once, so its bounds and default tell it.
fn kind_of(row: &SettingRow) -> Kind {
    match row.bounds {
        Bounds::Count(..) => Kind::Count,
        Bounds::Bytes(..) => Kind::Size,
        Bounds::Seconds(..) => Kind::TimeSpan,
        Bounds::Length(_) if row.default.is_empty() => Kind::Text,
        Bounds::Length(_) => Kind::Change(&Kind::Text),
        Bounds::Any if matches!(row.default.as_str(), "True" | "False") => Kind::Bool,
        Bounds::Any => Kind::Text,
    }
}

/// Sets every setting that was given.
///
/// # Errors
/// `Invalid`, naming the setting.
pub fn apply<G: SettingGroup>(group: &mut G, arguments: &Arguments) -> Result<(), CmdletError> {
    for row in group.rows() {
        let text = match arguments.value(row.name) {
            None => continue,
            Some(Value::Bool(is_on)) => is_on.to_string(),
            Some(Value::Limit(Limit::Of(number))) => number.to_string(),
            Some(Value::Limit(Limit::Unlimited)) => NO_LIMIT.to_owned(),
            Some(Value::Null) => NULL.to_owned(),
            Some(Value::Span(span)) => write_span(*span),
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Change(_)) => {
                let present: Vec<String> = items(&row.value).map(str::to_owned).collect();
                arguments.changed(row.name, &present).unwrap_or_default().join(",")
            }
            Some(_) => continue,
        };
        group.set(row.name, &text)?;
    }
    Ok(())
}

/// Adds every setting with its value to a row.
pub fn add_to<G: SettingGroup>(group: &G, row: &mut Row) {
    for setting in group.rows() {
        row.insert(setting.name.to_owned(), json_of(&setting));
    }
}

fn json_of(row: &SettingRow) -> Json {
    match kind_of(row) {
        Kind::Bool => Json::from(row.value == "True"),
        Kind::Count => row.value.parse::<u64>().map_or_else(|_| Json::from(row.value.as_str()), Json::from),
        Kind::Change(_) => items(&row.value).map(Json::from).collect(),
        Kind::Text if row.value.is_empty() => Json::Null,
        _ => Json::from(row.value.as_str()),
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_parameters_of_their_kind() {
        let kind = |settings: &Settings, name: &str| {
            settings
                .parameters
                .iter()
                .find(|parameter| parameter.name == name)
                .map(|parameter| parameter.kind)
        };
        assert_eq!(kind(transport_config(), "MaxReceiveSize"), Some(Kind::Size));
        assert_eq!(kind(transport_config(), "InternalDelayDsnEnabled"), Some(Kind::Bool));
        assert_eq!(kind(transport_config(), "GenerateCopyOfDSNFor"), Some(Kind::Change(&Kind::Text)));
        assert_eq!(kind(transport_config(), "ExternalPostmasterAddress"), Some(Kind::Text));
        assert_eq!(kind(transport_service(), "MessageRetryInterval"), Some(Kind::TimeSpan));
        assert_eq!(kind(receive_limits(), "MaxInboundConnection"), Some(Kind::Count));
    }

    #[test]
    fn values_are_shown_as_exchange_shows_them() {
        let mut row = Row::new();
        add_to(&TransportConfig::default(), &mut row);
        assert_eq!(row["MaxReceiveSize"], "10 MB (10,485,760 bytes)");
        assert_eq!(row["MaxRecipientEnvelopeLimit"], 500);
        assert_eq!(row["ExternalPostmasterAddress"], Json::Null);
        assert_eq!(row["InternalDsnSendHtml"], true);
        assert!(row["GenerateCopyOfDSNFor"].is_array());
    }
}
