use std::time::Duration;

use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, BytesMut, Payload};
use actix_web::{HttpRequest, error::PayloadError};
use futures_util::{Stream, StreamExt};

use crate::headers::header_text;
use crate::rejection::Rejection;

/// A body that sends nothing for so long has stalled.
const IDLE: Duration = Duration::from_secs(15);
/// A body that trickles is given up after so long.
const TOTAL: Duration = Duration::from_secs(120);
/// How much of a body that is too large is swallowed before the refusal: most clients read only when they have sent
/// everything, and would see a reset instead of the 413. Actix lingers for what comes after that.
const SWALLOWED_BYTES: usize = 32 * 1024 * 1024;
const SWALLOWED_FOR: Duration = Duration::from_secs(5);

/// Reads a whole body of any content type.
///
/// # Errors
/// [`Rejection::BodyTooLarge`], [`Rejection::BodyBroken`], [`Rejection::BodyStalled`].
pub async fn read_body(req: &HttpRequest, payload: Payload, max_bytes: usize) -> Result<Bytes, Rejection> {
    let announced = header_text(req.headers(), header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    read(payload, announced, max_bytes).await
}

async fn read<S>(mut payload: S, announced: Option<usize>, max_bytes: usize) -> Result<Bytes, Rejection>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    if announced.is_some_and(|length| length > max_bytes) {
        swallow(payload).await;
        return Err(Rejection::BodyTooLarge);
    }
    let collected = timeout(TOTAL, collect(&mut payload, announced.unwrap_or(0), max_bytes)).await;
    let result = collected.unwrap_or(Err(Rejection::BodyStalled));
    if matches!(result, Err(Rejection::BodyTooLarge)) {
        swallow(payload).await;
    }
    result
}

async fn collect<S>(payload: &mut S, announced: usize, max_bytes: usize) -> Result<Bytes, Rejection>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    let mut body = BytesMut::with_capacity(announced.min(64 * 1024));
    loop {
        match timeout(IDLE, payload.next()).await {
            Err(_) => return Err(Rejection::BodyStalled),
            Ok(None) => return Ok(body.freeze()),
            Ok(Some(Err(_))) => return Err(Rejection::BodyBroken),
            Ok(Some(Ok(chunk))) if body.len().saturating_add(chunk.len()) > max_bytes => {
                return Err(Rejection::BodyTooLarge);
            }
            Ok(Some(Ok(chunk))) => body.extend_from_slice(&chunk),
        }
    }
}

async fn swallow<S>(mut payload: S)
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    let mut left = SWALLOWED_BYTES;
    let rest = async {
        while let Some(Ok(chunk)) = payload.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whether all of it came or not, the answer is the same.
    let _ = timeout(SWALLOWED_FOR, rest).await;
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    type Chunk = Result<Bytes, PayloadError>;

    fn chunks(sizes: &[usize]) -> Vec<Chunk> {
        sizes.iter().map(|&size| Ok(Bytes::from(vec![b'x'; size]))).collect()
    }

    #[actix_web::test]
    async fn a_body_of_just_the_limit_is_read() {
        let body = read(stream::iter(chunks(&[4, 6])), Some(10), 10).await.expect("fits");
        assert_eq!(body.len(), 10);
        assert!(read(stream::iter(chunks(&[])), None, 10).await.expect("empty").is_empty());
    }

    #[actix_web::test]
    async fn a_longer_body_is_swallowed_and_refused_announced_or_not() {
        for announced in [None, Some(11), Some(5)] {
            let mut source = stream::iter(chunks(&[4, 6, 1, 9]));
            let result = read(&mut source, announced, 10).await;
            assert!(matches!(result, Err(Rejection::BodyTooLarge)), "{announced:?}");
            assert!(source.next().await.is_none(), "{announced:?}");
        }
    }

    #[actix_web::test]
    async fn a_body_that_breaks_off_is_told_from_one_that_ends() {
        let mut source = chunks(&[4]);
        source.push(Err(PayloadError::Incomplete(None)));
        assert!(matches!(read(stream::iter(source), None, 10).await, Err(Rejection::BodyBroken)));
    }

    #[actix_web::test]
    async fn a_body_that_stalls_is_given_up() {
        tokio::time::pause();
        let source = stream::iter(chunks(&[4])).chain(stream::pending());
        assert!(matches!(read(source, Some(8), 10).await, Err(Rejection::BodyStalled)));
    }
}
