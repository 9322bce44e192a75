//! The OpenAPI document of the HTTP interface, from the registry.
//! May touch: nothing (pure).
//! Standards: OpenAPI 3.1.

#[cfg(test)]
pub(crate) mod check;
mod parts;
mod shape;

use serde_json::{Map, Value, json};

use crate::cmdlet::Cmdlet;
use crate::output::OutputType;
use crate::parameter::{Kind, NULL};
use crate::registry;
use crate::role::SELF_SERVICE;

/// The whole document.
pub fn document() -> Value {
    let mut schemas = shape::components(registry::all().map(|cmdlet| &cmdlet.output));
    schemas.insert("Error".to_owned(), error_schema());
    let cmdlets = registry::all()
        .map(|cmdlet| (format!("/api/v1/cmdlets/{}", cmdlet.name), json!({ "post": operation(cmdlet) })));
    let paths: Map<String, Value> = cmdlets
        .chain(super::graph::openapi())
        .chain([
            super::reports::openapi(),
            super::records::openapi(),
            super::imports::openapi(),
            super::calls::openapi(),
            super::whoami::openapi(),
            stream_path(),
        ])
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Postroom",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every cmdlet of the shell as a POST with its parameters in JSON.",
        },
        "security": [{ "basic": [] }, { "session": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": { "type": "http", "scheme": "basic" },
                "session": { "type": "apiKey", "in": "cookie", "name": super::COOKIE },
            },
            "schemas": schemas,
        },
    })
}

fn stream_path() -> (String, Value) {
    ("/api/v1/traces/stream".to_owned(), json!({ "get": stream() }))
}

/// The search that stays open: the conditions of the cmdlet as parameters of the address.
fn stream() -> Value {
    let search = registry::find(super::stream::CMDLET).ok();
    let parameters = search.into_iter().flat_map(|cmdlet| cmdlet.all_parameters());
    let parameters = parameters.filter(|parameter| !parameter.is_shell_only).map(|parameter| {
        json!({
            "name": parameter.name, "in": "query", "schema": schema_of(&parameter.kind),
            "style": "form", "explode": true, "description": parameter.sentence,
        })
    });
    let error = json!({
        "description": "The search was not opened.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    json!({
        "operationId": "streamMessageTrace",
        "summary": "Get-MessageTrace as a stream: the rows there are, and then each that is new or changed.",
        "description": "Server-sent events. row: a row, new or changed; MessageTraceId and RecipientAddress name it. gone: the row that MessageTraceId and RecipientAddress name, which was sent before, no longer has a status that was asked for; Status is the one it has now. ready: after the rows there were, with count, sources, gaps, warnings and notes. missed: so many changes went by unseen, search again. end: why the stream ends.",
        "tags": ["MessageTrace"],
        "x-roles": search.map(roles),
        "parameters": parameters.collect::<Value>(),
        "responses": {
            "200": { "description": "The stream.", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
            "400": error, "401": error, "403": error, "503": error,
        },
    })
}

/// The roles of which any one allows a cmdlet, and whether everybody may run it for their own mail.
pub(super) fn roles(cmdlet: &Cmdlet) -> Value {
    json!({
        "anyOf": cmdlet.roles.iter().map(|role| role.as_str()).collect::<Value>(),
        "ownMail": SELF_SERVICE.contains(&cmdlet.name),
    })
}

fn operation(cmdlet: &Cmdlet) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in cmdlet.all_parameters().filter(|parameter| !parameter.is_shell_only) {
        let mut schema = schema_of(&parameter.kind);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".into(), parameter.sentence.into());
        }
        properties.insert(parameter.name.into(), schema);
        if parameter.is_required {
            required.push(parameter.name);
        }
    }
    let error = json!({
        "description": "The cmdlet failed.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    json!({
        "operationId": cmdlet.name,
        "summary": cmdlet.synopsis,
        "description": cmdlet.description,
        "tags": [cmdlet.noun()],
        "x-roles": roles(cmdlet),
        "requestBody": {
            "required": !required.is_empty(),
            "content": { "application/json": { "schema": {
                "type": "object", "properties": properties, "required": required, "additionalProperties": false,
            } } },
        },
        "responses": {
            "200": {
                "description": "The cmdlet's output.",
                "content": { "application/json": { "schema": answer_schema(cmdlet) } },
            },
            "400": error, "401": error, "403": error, "404": error, "409": error, "500": error, "503": error,
        },
    })
}

fn answer_schema(cmdlet: &Cmdlet) -> Value {
    let value = if cmdlet.output.name == OutputType::NONE.name {
        json!({ "type": "null" })
    } else {
        let row = shape::reference(cmdlet.output.name);
        // One object where exactly one was asked for; nothing where -WhatIf changed nothing.
        if cmdlet.is_list() {
            json!({ "type": "array", "items": row })
        } else {
            json!({ "anyOf": [row, { "type": "null" }] })
        }
    };
    json!({
        "type": "object",
        "properties": {
            "value": value,
            "count": { "type": ["integer", "null"], "description": "How many there are in all; the value may hold fewer." },
            "sources": { "type": "array", "items": shape::reference("SourceAsked") },
            "gaps": { "type": "array", "items": shape::reference("Gap") },
            "next": { "type": ["string", "null"], "description": "Where the next portion starts." },
            "warnings": { "type": "array", "items": { "type": "string" } },
            "notes": { "type": "array", "items": { "type": "string" } },
        },
        "required": ["value", "count", "sources", "gaps", "next", "warnings", "notes"],
        "additionalProperties": false,
    })
}

fn schema_of(kind: &Kind) -> Value {
    match kind {
        Kind::Bool | Kind::Switch => json!({ "type": "boolean" }),
        Kind::Int { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Size | Kind::Count => json!({ "type": ["integer", "string"], "examples": ["Unlimited"] }),
        Kind::TimeSpan => json!({ "type": ["string", "null"], "examples": ["1.00:00:00"] }),
        Kind::DateTime => json!({ "type": "string", "format": "date-time" }),
        Kind::Enum(words) => {
            let words: Vec<&str> = words.iter().copied().filter(|word| *word != NULL).collect();
            json!({ "type": "string", "enum": words })
        }
        Kind::Password => json!({ "type": "string", "format": "password" }),
        Kind::InputFile => json!({ "type": "string", "contentEncoding": "base64" }),
        Kind::Text | Kind::Identity | Kind::Address => json!({ "type": ["string", "null"] }),
        Kind::OutputFile | Kind::ServerPath | Kind::Filter => json!({ "type": "string" }),
        Kind::List(one) => json!({ "type": "array", "items": schema_of(one) }),
        Kind::Change(one) => {
            let list = json!({ "type": "array", "items": schema_of(one) });
            json!({ "anyOf": [list, { "type": "object", "properties": { "Add": list, "Remove": list } }] })
        }
    }
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": { "type": "object", "required": ["code", "message"], "properties": {
            "code": { "type": "string" },
            "message": { "type": "string" },
            "count": { "type": "integer" },
            "what": { "type": "string" },
        } } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_runs_can_be_stopped_by_the_document() {
        let document = document();
        let stop = &document["paths"]["/api/v1/calls/{id}"]["delete"];
        assert_eq!(stop["parameters"][0]["name"], "id", "{stop}");
        let answers: Vec<&String> = stop["responses"].as_object().unwrap().keys().collect();
        assert_eq!(answers, ["204", "401", "404"]);
        for event in ["call:", "progress:", "answer:"] {
            assert!(stop["description"].as_str().unwrap().contains(event), "{event} {stop}");
        }
    }

    #[test]
    fn every_cmdlet_has_its_path() {
        let document = document();
        let stream = &document["paths"]["/api/v1/traces/stream"]["get"];
        assert!(stream["parameters"].as_array().unwrap().iter().any(|one| one["name"] == "SenderAddress"));
        assert_eq!(stream["x-roles"]["ownMail"], true);
        for cmdlet in registry::all() {
            let path = format!("/api/v1/cmdlets/{}", cmdlet.name);
            let parameters = &document["paths"][&path]["post"]["requestBody"]["content"]["application/json"]
                ["schema"]["properties"];
            let roles = &document["paths"][&path]["post"]["x-roles"]["anyOf"];
            assert_eq!(roles.as_array().map(Vec::len), Some(cmdlet.roles.len()), "{}", cmdlet.name);
            for parameter in cmdlet.own_parameters().filter(|parameter| !parameter.is_shell_only) {
                assert!(parameters[parameter.name].is_object(), "{} -{}", cmdlet.name, parameter.name);
            }
        }
    }
}
