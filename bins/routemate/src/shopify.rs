//! Connecting shops at Shopify. All of it works while a server runs.

use std::fs::File;
use std::io::{IsTerminal, Read, stdin};
use std::path::Path;

use jiff::SignedDuration;
use routemate_app::{ConnectShop, ListedShop};
use routemate_domain::{OrganizationId, ShopDomain, ShopifyShop};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::Failure;
use crate::arguments::parse;
use crate::cli::{SecretArgs, ShopArgs, ShopCommand, ShopifyCommand};
use crate::compose;
use crate::config::Config;
use crate::output;

/// Where Shopify is to send messages.
const RECEIVER: &str = "/api/v1/shopify/webhooks";

/// The longest secret; Shopify's have 38 or 64 characters.
const MAX_SECRET_BYTES: u64 = 1_024;

pub(crate) async fn run(config: &Config, command: ShopifyCommand) -> Result<(), Failure> {
    let ShopifyCommand::Shop(command) = command;
    match command {
        ShopCommand::Add { shop, secret } => {
            let (organization_id, domain) = named(&shop)?;
            let secret = read_secret(&secret)?;
            let product = compose::open_for_administration(config).await?;
            let connected = product.app.connect_shop(ConnectShop { organization_id, domain, secret }).await?;
            let mut object = object(&connected);
            if let Some(object) = object.as_object_mut() {
                object.insert("webhook_url".to_owned(), receiver(config).into());
            }
            output::answer(&object, shop.json);
            Ok(product.store.close().await?)
        }
        ShopCommand::Rotate { shop, secret, overlap } => {
            let (organization, domain) = named(&shop)?;
            let secret = read_secret(&secret)?;
            let overlap = (overlap > 0).then(|| SignedDuration::from_hours(i64::from(overlap)));
            let product = compose::open_for_administration(config).await?;
            let rotated = product.app.rotate_shop(organization, &domain, &secret, overlap).await?;
            output::answer(&object(&rotated), shop.json);
            Ok(product.store.close().await?)
        }
        ShopCommand::Remove { shop } => {
            let (organization, domain) = named(&shop)?;
            let product = compose::open_for_administration(config).await?;
            let removed = product.app.remove_shop(organization, &domain).await?;
            let object =
                json!({ "shop_id": removed.id.to_string(), "domain": removed.domain.as_str(), "status": "removed" });
            output::answer(&object, shop.json);
            Ok(product.store.close().await?)
        }
        ShopCommand::List { org, json } => {
            let organization = parse("--org", &org)?;
            let product = compose::open_for_administration(config).await?;
            let shops = product.app.shops_of(organization).await?;
            let entries: Vec<Value> = shops.iter().map(entry).collect();
            let columns = ["domain", "last_webhook_at", "last_outcome", "last_problem", "previous_secret_until"];
            let object = json!({ "shops": entries, "webhook_url": receiver(config) });
            output::list(&object, "shops", &columns, json);
            Ok(product.store.close().await?)
        }
    }
}

fn named(shop: &ShopArgs) -> Result<(OrganizationId, ShopDomain), Failure> {
    let domain = ShopDomain::parse(&shop.domain).map_err(|error| format!("--domain `{}` {error}", shop.domain))?;
    Ok((parse("--org", &shop.org)?, domain))
}

/// The secret from a file or from stdin: arguments are seen by everybody on the machine.
fn read_secret(args: &SecretArgs) -> Result<SecretString, Failure> {
    let text = match &args.secret_file {
        Some(path) => read_text(File::open(path).map_err(|error| cannot_read(path, &error))?)
            .map_err(|error| cannot_read(path, &error))?,
        None => {
            if stdin().is_terminal() {
                output::note("Paste the shop's secret, then Enter and Ctrl-D:");
            }
            read_text(stdin()).map_err(|error| format!("the secret cannot be read from stdin: {error}"))?
        }
    };
    let secret = text.trim();
    if secret.is_empty() {
        return Err("the secret is empty: give it on stdin, or in a file by --secret-file".into());
    }
    if secret.contains(char::is_whitespace) {
        return Err("the secret has white space within it: give it alone, on one line".into());
    }
    Ok(secret.into())
}

fn read_text(source: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    source.take(MAX_SECRET_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Failure {
    format!("--secret-file `{}` cannot be read: {error}", path.display()).into()
}

fn receiver(config: &Config) -> String {
    format!("{}{RECEIVER}", config.public_url(config.listen).trim_end_matches('/'))
}

fn object(shop: &ShopifyShop) -> Value {
    json!({
        "shop_id": shop.id.to_string(),
        "domain": shop.domain.as_str(),
        "previous_secret_until": shop.previous_key.as_ref().map(|previous| previous.expires_at.to_string()),
        "connected_at": shop.created_at.to_string(),
    })
}

fn entry(listed: &ListedShop) -> Value {
    let mut entry = object(&listed.shop);
    let last = listed.last_webhook.as_ref();
    if let Some(entry) = entry.as_object_mut() {
        entry.insert("last_webhook_at".to_owned(), last.map(|last| last.received_at.to_string()).into());
        entry.insert("last_topic".to_owned(), last.map(|last| last.topic.clone()).into());
        entry.insert("last_outcome".to_owned(), last.map(|last| last.outcome.clone()).into());
        entry.insert("last_problem".to_owned(), last.and_then(|last| last.problem.clone()).into());
    }
    entry
}
