//! Waiting, asking again and giving up, on a clock that tests can move.

use futures_util::future::join_all;
use routemate_outbound::fake::{Act, Script};
use routemate_outbound::fixture::{Fixture, fixture};
use tokio::time::{Instant, advance, timeout};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn settings(provider: Provider) -> RemoteSettings {
    RemoteSettings { key: Some(SecretString::from("KEY")), per_second: None, ..RemoteSettings::new(provider) }
}

fn over(script: &Arc<Script>, settings: &RemoteSettings) -> RemoteGeocoder {
    let base = Url::parse("http://geocoder.example").unwrap();
    RemoteGeocoder::over(Arc::clone(script) as Arc<dyn Transport>, settings, &base, &Hosts::default()).unwrap()
}

fn query(number: usize) -> Query {
    Query::text(&format!("{number} Waverley Road, Taringa QLD 4068"))
}

fn reply(fixture: &Fixture) -> Act {
    Act::Reply(fixture.reply())
}

/// The reply of a fixture, then the good one of the same service.
async fn check_again(provider: Provider, name: &str, good: &str, expected: Duration) {
    let (Some(bad), Some(good)) = (fixture(name), fixture(good)) else { return };
    let script = Script::of(&[reply(&bad), reply(&good)]);
    let start = Instant::now();
    let answer = over(&script, &settings(provider)).geocode(&query(12)).await;
    assert_eq!(answer.map(|candidates| candidates.len()).ok(), Some(1), "{name}");
    assert_eq!((script.asked(), start.elapsed()), (2, expected), "{name}");
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_asked_again_after_a_moment_or_as_long_as_the_service_says() {
    let moment = Duration::from_millis(100);
    for (provider, name, good, wait) in [
        (Provider::Google, "google_over_query_limit", "google_ok_rooftop", moment),
        (Provider::Google, "google_unknown_error", "google_ok_rooftop", moment),
        (Provider::Nominatim, "nominatim_429", "nominatim_ok", moment),
        (Provider::Pelias, "pelias_408", "pelias_exact", moment),
        (Provider::Pelias, "pelias_429", "pelias_exact", moment),
        (Provider::Here, "here_429", "here_ok", SECOND * 2),
        (Provider::OpenCage, "opencage_429", "opencage_ok", moment),
        (Provider::OpenCage, "opencage_503", "opencage_ok", moment),
    ] {
        check_again(provider, name, good, wait).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_goes_on_refusing_for_the_moment_is_told_so() {
    for (provider, name) in [
        (Provider::Google, "google_over_query_limit"),
        (Provider::Google, "google_unknown_error"),
        (Provider::Nominatim, "nominatim_429"),
        (Provider::Pelias, "pelias_408"),
        (Provider::Pelias, "pelias_429"),
        (Provider::Mapbox, "mapbox_429"),
        (Provider::Here, "here_429"),
        (Provider::OpenCage, "opencage_429"),
        (Provider::OpenCage, "opencage_503"),
    ] {
        let Some(fixture) = fixture(name) else { return };
        let error = over(&Script::of(&[reply(&fixture)]), &settings(provider)).geocode(&query(12)).await.unwrap_err();
        let is_as_wanted = match fixture.want["error"].as_str() {
            Some("retry_backoff") => matches!(error, GeocodeError::RateLimited { .. }),
            Some("retry") => matches!(error, GeocodeError::Unavailable { .. }),
            other => panic!("{name} wants {other:?}"),
        };
        assert!(is_as_wanted && error.is_transient(), "{name}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn here_is_left_alone_as_long_as_it_asks_where_there_is_no_time_to_wait() {
    let Some(fixture) = fixture("here_429") else { return };
    let wanted = Duration::from_secs(fixture.want["retry_after_s"].as_u64().unwrap());
    let script = Script::of(&[reply(&fixture)]);
    let here = over(&script, &RemoteSettings { patience: SECOND, ..settings(Provider::Here) });
    let error = here.geocode(&query(12)).await.unwrap_err();
    assert!(matches!(error, GeocodeError::RateLimited { retry_after, .. } if retry_after == Some(wanted)), "{error:?}");
    assert!(matches!(here.geocode(&query(14)).await, Err(GeocodeError::LeftAlone { .. })));
    assert_eq!(script.asked(), 1);
}

#[test]
fn mapbox_says_at_what_second_it_will_answer_again() {
    let Some(mut fixture) = fixture("mapbox_429") else { return };
    // 1,700,000,000 is this second; the server's clock counts, not ours.
    fixture.response["headers"]["date"] = "Tue, 14 Nov 2023 22:13:20 GMT".into();
    let reset = fixture.want["retry_at"].as_u64().unwrap();
    let mapbox = over(&Script::of(&[Act::Silence]), &settings(Provider::Mapbox));
    let not_now = mapbox.shared.service.not_now(&fixture.reply());
    assert_eq!(not_now, Some(NotNow::Limited { retry_after: Some(Duration::from_secs(reset - 1_700_000_000)) }));
}

#[tokio::test(start_paused = true)]
async fn a_paid_request_that_may_have_been_answered_is_not_sent_again() {
    for provider in Provider::ALL {
        for act in [Act::LostReply, Act::Status(504)] {
            let script = Script::of(&[act]);
            assert!(over(&script, &settings(provider)).geocode(&query(12)).await.is_err());
            let is_paid = provider.needs_key();
            assert_eq!(script.asked(), if is_paid { 1 } else { 3 }, "{provider:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_is_given_up_after_its_time_and_then_left_alone() {
    for provider in Provider::ALL {
        let script = Script::of(&[Act::Silence]);
        let geocoder = over(&script, &settings(provider));
        for number in 0..3 {
            let start = Instant::now();
            let answer = geocoder.geocode(&query(number)).await;
            assert!(matches!(answer, Err(GeocodeError::TimedOut { .. })), "{provider:?}");
            assert!(start.elapsed() <= SECOND * 5, "{provider:?}");
        }
        assert!(matches!(geocoder.geocode(&query(9)).await, Err(GeocodeError::LeftAlone { .. })), "{provider:?}");
        assert_eq!(script.asked(), 3, "{provider:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_refused_is_not_tried_for_every_stop() {
    let Some(fixture) = fixture("google_request_denied") else { return };
    let script = Script::of(&[reply(&fixture)]);
    let google = over(&script, &RemoteSettings { concurrency: 1, ..settings(Provider::Google) });
    for number in 0..200 {
        assert!(google.geocode(&query(number)).await.is_err());
    }
    assert_eq!(script.asked(), 3);
    advance(SECOND * 30).await;
    assert!(matches!(google.geocode(&query(0)).await, Err(GeocodeError::Refused { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_used_up_is_believed_at_once() {
    let Some(fixture) = fixture("opencage_402") else { return };
    let script = Script::of(&[reply(&fixture)]);
    let opencage = over(&script, &settings(Provider::OpenCage));
    assert!(matches!(opencage.geocode(&query(1)).await, Err(GeocodeError::OutOfQuota { .. })));
    assert!(matches!(opencage.geocode(&query(2)).await, Err(GeocodeError::LeftAlone { .. })));
    assert_eq!(script.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn questions_that_cannot_be_understood_are_held_against_nobody() {
    let Some(fixture) = fixture("here_400") else { return };
    let script = Script::of(&[reply(&fixture)]);
    let here = over(&script, &settings(Provider::Here));
    for number in 0..10 {
        assert!(matches!(here.geocode(&query(number)).await, Err(GeocodeError::Invalid { .. })));
    }
    assert_eq!(script.asked(), 10);
}

#[tokio::test(start_paused = true)]
async fn nominatim_is_asked_once_a_second_by_all_together_and_the_rest_later() {
    let Some(fixture) = fixture("nominatim_ok") else { return };
    let script = Script::of(&[reply(&fixture)]);
    let nominatim = over(&script, &RemoteSettings::new(Provider::Nominatim));
    let queries: Vec<Query> = (0..50).map(query).collect();
    let all = join_all(queries.iter().map(|query| timeout(SECOND * 19 / 2, nominatim.geocode(query))));
    let answers = all.await;
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Ok(Ok(_)))).count(), 10);
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Ok(_)) | Err(_))));
    assert_eq!(script.asked(), 10);
    // Nobody has learned anything bad about it.
    assert!(nominatim.geocode(&query(99)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn two_users_of_one_host_share_its_pace() {
    let Some(fixture) = fixture("nominatim_ok") else { return };
    let (script, hosts) = (Script::of(&[reply(&fixture)]), Hosts::default());
    let base = Url::parse("http://geocoder.example").unwrap();
    let settings = RemoteSettings::new(Provider::Nominatim);
    let user = || {
        let transport = Arc::clone(&script) as Arc<dyn Transport>;
        RemoteGeocoder::over(transport, &settings, &base, &hosts).unwrap()
    };
    let (one, two, first, second) = (user(), user(), query(1), query(2));
    let start = Instant::now();
    let (a, b) = futures_util::join!(one.geocode(&first), two.geocode(&second));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(start.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn two_hundred_questions_to_mapbox_are_one_request() {
    let Some(fixture) = fixture("mapbox_batch") else { return };
    let mut batch = fixture.reply();
    let one: serde_json::Value = fixture.response["body"]["batch"][0].clone();
    let body = serde_json::json!({ "batch": vec![one; 200] });
    batch.body = body.to_string().into_bytes();
    let script = Script::of(&[Act::Reply(batch)]);
    let mapbox = over(&script, &settings(Provider::Mapbox));
    let queries: Vec<Query> = (0..200).map(query).collect();
    let answers = join_all(queries.iter().map(|query| mapbox.geocode(query))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_ok_and(|candidates| candidates.len() == 1)));
    assert_eq!(script.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_batch_with_too_few_answers_is_none() {
    let Some(fixture) = fixture("mapbox_batch") else { return };
    let mapbox = over(&Script::of(&[reply(&fixture)]), &settings(Provider::Mapbox));
    let queries: Vec<Query> = (0..3).map(query).collect();
    let answers = join_all(queries.iter().map(|query| mapbox.geocode(query))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(GeocodeError::Unavailable { .. }))));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_a_batch_takes_nothing_from_the_others() {
    let Some(fixture) = fixture("mapbox_exact") else { return };
    let script = Script::slow(&[reply(&fixture)], SECOND);
    let mapbox = over(&script, &settings(Provider::Mapbox));
    let (first, second) = (query(1), query(12));
    let impatient = timeout(Duration::from_millis(5), mapbox.geocode(&first));
    let (gone, answer) = futures_util::join!(impatient, mapbox.geocode(&second));
    assert!(gone.is_err());
    assert_eq!(answer.unwrap().len(), 1);
}
