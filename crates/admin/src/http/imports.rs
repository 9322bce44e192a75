//! `POST /api/v1/imports`: a log file that comes along, read into the trace as `Import-MessageTrace` reads one of the server.
//! May touch: disk (the folder of uploads), executor, clock; what the cmdlet touches.
//!
//! The file is kept while it is read and then removed; whoever hangs up stops both, and so does whoever sends too slowly.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use serde_json::{Map, Value, json};
use world::{Disk, DiskFile, Executor, OpenMode, World};

use super::{Shared, look_up, progress, refuse, unauthorized};
use crate::answer;
use crate::arguments::Arguments;
use crate::cmdlet::Cmdlet;
use crate::context::Instance;
use crate::error::CmdletError;
use crate::registry;
use crate::role::Actor;

/// The path.
pub(super) const PATH: &str = "/api/v1/imports";
/// The cmdlet that does it.
const CMDLET: &str = "Import-MessageTrace";
/// Octets of one file. Compressed files count as they come.
const UPLOAD_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Files that come in at once.
const UPLOADS_AT_ONCE_MAX: usize = 2;
/// How long nothing may come.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// Octets a second that must come on the whole, after [`SILENCE_MAX`]: a file of [`UPLOAD_BYTES_MAX`] holds its place for
/// no more than five hours.
const RATE_BYTES_MIN: u64 = 64 * 1024;
/// Octets written at once.
const PIECE_BYTES: usize = 1024 * 1024;
/// Letters of a file's name that are kept.
const NAME_LENGTH_MAX: usize = 100;

/// Files that are there now, by one way in.
pub(super) type Uploads = Arc<AtomicUsize>;

/// A file that came in. It goes when nobody needs it any more.
pub(super) struct Upload {
    uploads: Uploads,
    folder: PathBuf,
    file: PathBuf,
    disk: Disk,
    exec: Executor,
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.uploads.fetch_sub(1, Ordering::Relaxed);
        let (disk, folder, exec) = (self.disk.clone(), self.folder.clone(), self.exec.clone());
        self.exec.spawn("upload", async move {
            let removed = exec.blocking(move || disk.remove_dir_all(&folder)).await;
            if let Err(error) = removed {
                tracing::warn!(%error, "a file that was sent to be imported could not be removed");
            }
        });
    }
}

pub(super) async fn take(
    State(shared): State<Arc<Shared>>,
    Query(pairs): Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(actor) = shared.actor(&headers).await else {
        return unauthorized();
    };
    if let Err(error) = look_up::check(&actor, CMDLET) {
        return not_allowed(&shared, &actor, error).await;
    }
    let (upload, arguments) = match receive(&shared, &pairs, body).await {
        Ok(received) => received,
        Err(error) => return refuse(&error),
    };
    let context = shared.instance.context(actor);
    if progress::is_asked(&headers) {
        return progress::respond(context, arguments, &shared.calls, upload);
    }
    match progress::while_awaited(context, arguments, upload).await {
        Ok(output) => Json(answer::success(&output)).into_response(),
        Err(error) => refuse(&error),
    }
}

/// Who tried what they may not do is worth a record.
async fn not_allowed(shared: &Shared, actor: &Actor, error: CmdletError) -> Response {
    match look_up::change_begins(shared, actor, CMDLET, json!({})).await {
        Ok(id) => look_up::change_ends(shared, id, Err(error.to_string())).await,
        Err(error) => return refuse(&error),
    }
    refuse(&error)
}

/// Reads the parameters, then the file.
async fn receive(
    shared: &Shared,
    pairs: &[(String, String)],
    body: Body,
) -> Result<(Upload, Arguments), CmdletError> {
    let cmdlet = registry::find(CMDLET)?;
    let given =
        |name: &str| pairs.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let name = file_name(given("Name").map_or("", String::as_str));
    // Wrong parameters are told before the file has come.
    let check = read(cmdlet, pairs, &PathBuf::from("/").join(&name))?;
    drop(check);
    let upload = begin(shared, &name).await?;
    write(&shared.instance.world, &upload, body).await?;
    let arguments = read(cmdlet, pairs, &upload.file)?;
    Ok((upload, arguments))
}

fn read(
    cmdlet: &'static Cmdlet,
    pairs: &[(String, String)],
    path: &std::path::Path,
) -> Result<Arguments, CmdletError> {
    let mut parameters = Map::new();
    for (name, value) in
        pairs.iter().filter(|(name, value)| !name.eq_ignore_ascii_case("Name") && !value.is_empty())
    {
        if name.eq_ignore_ascii_case("Path") {
            return Err(CmdletError::Usage("-Path is the file that comes along; leave it out".to_owned()));
        }
        let number = value.parse::<i64>().ok().filter(|_| name.eq_ignore_ascii_case("Year"));
        parameters.insert(name.clone(), number.map_or_else(|| Value::from(value.as_str()), Value::from));
    }
    parameters.insert("Path".to_owned(), path.to_string_lossy().into());
    Arguments::from_json(cmdlet, &parameters)
}

async fn begin(shared: &Shared, name: &str) -> Result<Upload, CmdletError> {
    let (instance, uploads) = (&shared.instance, Arc::clone(&shared.uploads));
    let within = instance.services.trace()?.places().uploads();
    if uploads.fetch_add(1, Ordering::Relaxed) >= UPLOADS_AT_ONCE_MAX {
        uploads.fetch_sub(1, Ordering::Relaxed);
        return Err(CmdletError::Unavailable(format!(
            "{UPLOADS_AT_ONCE_MAX} files are being imported; send yours when one of them is done"
        )));
    }
    let world = &instance.world;
    let folder = within.join(world.chance.uuid_v4().to_string());
    let upload = Upload {
        uploads,
        file: folder.join(name),
        folder: folder.clone(),
        disk: world.disk.clone(),
        exec: world.exec.clone(),
    };
    let disk = world.disk.clone();
    let made = world.exec.blocking(move || disk.create_dir_all(&folder)).await;
    made.map_err(not_kept)?;
    Ok(upload)
}

async fn write(world: &World, upload: &Upload, body: Body) -> Result<(), CmdletError> {
    let (disk, path) = (world.disk.clone(), upload.file.clone());
    let opened = world.exec.blocking(move || disk.open(&path, OpenMode::CreateNew)).await;
    let mut file = Arc::new(opened.map_err(not_kept)?);
    let (mut waiting, mut length) = (Vec::new(), 0_u64);
    let mut pieces = body.into_data_stream();
    let began = world.clock.elapsed();
    loop {
        let came = length.saturating_add(waiting.len() as u64);
        let passed = world.clock.elapsed().saturating_sub(began);
        let left = time_for(came).saturating_sub(passed);
        let next = world.clock.timeout(left.min(SILENCE_MAX), pieces.next()).await;
        let piece: Option<Result<Bytes, _>> = next.map_err(|_| too_slow(left))?;
        match piece {
            Some(Ok(bytes)) => waiting.extend_from_slice(&bytes),
            Some(Err(error)) => return Err(CmdletError::Usage(format!("the file broke off: {error}"))),
            None => {
                append(world, &mut file, std::mem::take(&mut waiting), &mut length).await?;
                return if length == 0 {
                    Err(CmdletError::Usage("the file is empty".to_owned()))
                } else {
                    Ok(())
                };
            }
        }
        if length.saturating_add(waiting.len() as u64) > UPLOAD_BYTES_MAX {
            return Err(CmdletError::Usage(format!(
                "the file is larger than {} MB; compress it with gzip, or import it on the server",
                UPLOAD_BYTES_MAX / (1024 * 1024)
            )));
        }
        if waiting.len() >= PIECE_BYTES {
            append(world, &mut file, std::mem::take(&mut waiting), &mut length).await?;
        }
    }
}

/// How long so many octets may take, and those that follow may be awaited.
fn time_for(octets: u64) -> Duration {
    SILENCE_MAX.saturating_add(Duration::from_secs(octets.checked_div(RATE_BYTES_MIN).unwrap_or_default()))
}

/// What is said where nothing came while there was so much time left.
fn too_slow(left: Duration) -> CmdletError {
    CmdletError::Usage(if left < SILENCE_MAX {
        format!(
            "the file comes more slowly than {} KB/s; compress it with gzip, or import it on the server",
            RATE_BYTES_MIN / 1024
        )
    } else {
        format!("nothing of the file came for {} s; send it again", SILENCE_MAX.as_secs())
    })
}

async fn append(
    world: &World,
    file: &mut Arc<DiskFile>,
    octets: Vec<u8>,
    length: &mut u64,
) -> Result<(), CmdletError> {
    let (target, at, count) = (Arc::clone(file), *length, octets.len() as u64);
    world.exec.blocking(move || target.write_all_at(&octets, at)).await.map_err(not_kept)?;
    *length = at.saturating_add(count);
    Ok(())
}

fn not_kept(error: std::io::Error) -> CmdletError {
    CmdletError::internal("the file could not be kept on the server; see the service log", error)
}

/// A name that is nothing but a name, so that rotated and compressed logs are known by it.
fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '_' })
        .collect();
    let plain = plain.trim_start_matches('.');
    // The end says how it is compressed.
    let from = plain.len().saturating_sub(NAME_LENGTH_MAX);
    let kept = plain.get(from..).unwrap_or_default().trim_start_matches('.');
    if kept.is_empty() { "file.log".to_owned() } else { kept.to_owned() }
}

/// Removes what a server that died has left.
pub(crate) async fn forget_left(instance: &Instance) {
    let Ok(trace) = instance.services.trace() else { return };
    let (disk, uploads) = (instance.world.disk.clone(), trace.places().uploads());
    instance
        .world
        .exec
        .blocking(move || {
            let left = disk.read_dir(&uploads).unwrap_or_default();
            for entry in left {
                if let Err(error) = disk.remove_dir_all(&entry.path) {
                    tracing::warn!(%error, "a file that was sent to be imported could not be removed");
                }
            }
        })
        .await;
}

/// What the document of the interface says of this call.
pub(super) fn openapi() -> (String, Value) {
    let text = json!({ "type": "string" });
    let parameter = |name: &str, required: bool, description: &str| json!({ "name": name, "in": "query", "required": required, "schema": text, "description": description });
    let error = json!({
        "description": "Nothing was imported, or not all of it.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    let call = json!({ "post": {
        "operationId": "importFile",
        "summary": "Reads a log file that comes along into the trace, as Import-MessageTrace does. With Accept: text/event-stream it tells its progress, then the answer; DELETE /api/v1/calls/{id} says how.",
        "tags": ["MessageTrace"],
        "x-roles": registry::find(CMDLET).map(super::openapi::roles).ok(),
        "parameters": [
            parameter("Place", true, "The name of the system whose records these are."),
            parameter("Name", false, "The name of the file; its end says whether it is compressed."),
            parameter("LogFormat", false, "The format, where it is not to be told from the content."),
            parameter("TimeZone", false, "The zone of times without one."),
            parameter("Year", false, "The year of the first line, for logs that name none."),
        ],
        "requestBody": { "required": true, "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } } },
        "responses": {
            "200": { "description": "What became of the file.", "content": { "application/json": { "schema": {
                "type": "object",
                "properties": { "value": { "type": "array", "items": { "$ref": "#/components/schemas/MessageTraceImport" } } },
            } } } },
            "400": error, "401": error, "403": error, "503": error,
        },
    } });
    (PATH.to_owned(), call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for (given, expected) in [
            ("mail.log.1.gz", "mail.log.1.gz"),
            ("../../etc/passwd", "passwd"),
            ("C:\\logs\\MSGTRK 2026.log", "MSGTRK_2026.log"),
            ("..", "file.log"),
            ("", "file.log"),
            ("post\u{202e}.log", "post_.log"),
        ] {
            assert_eq!(file_name(given), expected, "{given}");
        }
        let long = file_name(&format!("{}.log.gz", "x".repeat(300)));
        assert!(long.len() <= NAME_LENGTH_MAX && long.ends_with(".log.gz"), "{long}");
    }
}
