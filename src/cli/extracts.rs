//! `fitbit-hr extracts`: what can be extracted, with columns, units and what it needs. Needs no login.

mod markdown;
mod page;
mod table;
mod wrap;

use super::context::Context;
use crate::error::{Error, Usage};
use crate::extract::catalogue::built_in_names;
use crate::extract::definition::Field;
use crate::extract::{Catalogue, Definition, selection};
use serde_json::{Value, json};
use std::fs;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr extracts                 all of them, with their columns
  fitbit-hr extracts sleep           one: columns, traps, an example
  fitbit-hr extracts sleep --json    the same for scripts
  fitbit-hr extracts steps --toml >> keys.toml
                                     as a draft of one's own: give it a new name";

/// Options of `extracts`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub struct Args {
    /// One extract
    #[arg(id = "extract_name", value_name = "NAME")]
    name: Option<String>,
    /// Print its definition, in the form of the keys file
    #[arg(long, requires = "extract_name", conflicts_with = "json")]
    toml: bool,
    /// Print all of them as the page of the documentation
    #[arg(long, hide = true, conflicts_with_all = ["extract_name", "json"])]
    markdown: bool,
}

fn after_help() -> String {
    let names = built_in_names().collect::<Vec<_>>().join(", ");
    format!("{EXAMPLES}\n\nExtracts:\n{}", wrap::indented(&names, 2, 80))
}

pub fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let catalogue = &context.settings.catalogue;
    let Some(name) = &args.name else {
        return all(args, context);
    };
    let definition = selection::find(catalogue, name).map_err(Usage::from)?;
    if context.global.json {
        context.console.json(&json(definition))?;
    } else if args.toml {
        context
            .console
            .data(text(context, definition)?.as_bytes())?;
    } else {
        context.console.data(page::page(definition).as_bytes())?;
    }
    Ok(())
}

fn all(args: &Args, context: &Context) -> Result<(), Error> {
    let catalogue = &context.settings.catalogue;
    if context.global.json {
        let all: Vec<_> = catalogue.all().map(json).collect();
        context.console.json(&json!({ "extracts": all }))?;
    } else if args.markdown {
        let page = markdown::page(&Catalogue::default());
        context.console.data(page.as_bytes())?;
    } else {
        context
            .console
            .data(table::table(catalogue.all()).as_bytes())?;
    }
    Ok(())
}

/// The definition as it is written: in the catalogue, or in the keys file.
fn text(context: &Context, definition: &Definition) -> Result<String, Error> {
    if let Some(text) = Catalogue::text(&definition.name) {
        return Ok(text.to_owned());
    }
    let keys = context.settings.keys_file.as_ref().map(fs::read_to_string);
    let keys: toml::Table = keys
        .and_then(Result::ok)
        .unwrap_or_default()
        .parse()
        .unwrap_or_default();
    let of_profile = context
        .settings
        .profile
        .as_ref()
        .and_then(|name| keys.get("profile")?.get(name));
    let tables = [
        of_profile.and_then(|fields| fields.get("extract")),
        keys.get("extract"),
    ];
    let own = tables
        .into_iter()
        .flatten()
        .find_map(|table| table.get(&definition.name));
    let own =
        own.ok_or_else(|| Usage::new("the keys file has changed meanwhile", "run it again"))?;
    let named = toml::Table::from_iter([(definition.name.clone(), own.clone())]);
    let whole = toml::Table::from_iter([("extract".to_owned(), toml::Value::Table(named))]);
    Ok(whole.to_string())
}

fn json(definition: &Definition) -> Value {
    json!({
        "name": definition.name,
        "title": definition.title,
        "help": definition.help,
        "shape": definition.shape.name(),
        "type": definition.data_type,
        "scope": definition.scope(),
        "columns": columns(&definition.columns(), &definition.values),
        "fields": definition.all_fields(),
        "default_fields": definition.default_fields(),
        "details": definition.details().iter().map(|detail| detail.name()).collect::<Vec<_>>(),
        "segments": definition.segments.as_ref().map(|segments| json!({
            "table": segments.table,
            "columns": columns(&segments.columns(), &segments.values),
            "default_fields": segments.default_fields(),
        })),
        "dense": definition.dense,
        "traps": definition.traps,
        "example": definition.example,
    })
}

fn columns(all: &[crate::extract::Column], values: &[Field]) -> Vec<Value> {
    let unit = |name: &str| {
        let field = values.iter().find(|field| field.column.name == name)?;
        field.unit.as_deref()
    };
    let column = |column: &crate::extract::Column| {
        json!({
            "name": column.name,
            "kind": column.kind.name(),
            "required": column.required,
            "unit": unit(&column.name),
        })
    };
    all.iter().map(column).collect()
}
