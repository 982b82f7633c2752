use std::pin::pin;

use futures_util::future::join_all;
use tokio::time::{Instant, advance};

use super::*;
use crate::breaker::{FAILURES, REST};
use crate::fake::{Act, Script, any_request, stop_in};

const SECOND: Duration = Duration::from_secs(1);

fn remote(script: &Arc<Script>, repetition: Repetition) -> Remote {
    Remote::new("osrm", Arc::clone(script) as Arc<dyn Transport>, repetition, 2)
}

/// One request as a whole question, and how long it took.
async fn ask(remote: &Remote, time: Duration) -> (Result<u16, OutboundError>, Duration) {
    let (start, stop) = (Instant::now(), stop_in(time));
    let request = any_request();
    let answer = remote.run(&stop, remote.send(&request, &stop)).await;
    (answer.map(|reply| reply.status), start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn server_that_is_busy_for_a_moment_is_asked_again() {
    let script = Script::of(&[Act::Status(503), Act::NoConnection, Act::Status(200)]);
    let (answer, took) = ask(&remote(&script, Repetition::Free), SECOND * 10).await;
    assert_eq!(answer.unwrap(), 200);
    assert_eq!((script.asked(), took), (3, PAUSE * 5));
}

#[tokio::test(start_paused = true)]
async fn server_is_asked_three_times_at_most() {
    let script = Script::of(&[Act::Status(502)]);
    let (answer, _) = ask(&remote(&script, Repetition::Free), SECOND * 10).await;
    assert!(matches!(answer, Err(OutboundError::Unavailable { .. })));
    assert_eq!(script.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_where_there_is_time() {
    let script = Script::of(&[Act::NotNow(429, 7), Act::Status(200)]);
    let (answer, took) = ask(&remote(&script, Repetition::Billed), SECOND * 10).await;
    assert_eq!((answer.unwrap(), took), (200, SECOND * 7));
}

#[tokio::test(start_paused = true)]
async fn retry_after_beyond_the_deadline_is_told_at_once_and_kept_by_the_next() {
    let script = Script::of(&[Act::NotNow(429, 20), Act::Status(200)]);
    let remote = remote(&script, Repetition::Free);
    let (answer, took) = ask(&remote, SECOND * 10).await;
    let wait = Some(SECOND * 20);
    assert!(matches!(answer, Err(OutboundError::RateLimited { retry_after, .. }) if retry_after == wait));
    assert_eq!(took, Duration::ZERO);
    let (answer, _) = ask(&remote, SECOND * 10).await;
    assert!(matches!(answer, Err(OutboundError::LeftAlone { .. })));
    assert_eq!(script.asked(), 1);
    advance(SECOND * 20).await;
    assert_eq!(ask(&remote, SECOND * 10).await.0.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_billed_is_not_asked_again() {
    for (act, asked) in [(Act::LostReply, 1), (Act::Status(504), 1), (Act::NoConnection, 3), (Act::Status(503), 3)] {
        let script = Script::of(&[act]);
        assert!(ask(&remote(&script, Repetition::Billed), SECOND * 10).await.0.is_err());
        assert_eq!(script.asked(), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn silent_server_is_waited_for_until_the_deadline() {
    let script = Script::of(&[Act::Silence]);
    let (answer, took) = ask(&remote(&script, Repetition::Free), SECOND * 3).await;
    assert!(matches!(answer, Err(OutboundError::TimedOut { server: "osrm" })));
    assert_eq!((script.asked(), took), (1, SECOND * 3));
}

#[tokio::test(start_paused = true)]
async fn question_that_is_not_wanted_any_more_ends_soon_and_is_held_against_nobody() {
    let remote = remote(&Script::of(&[Act::Silence]), Repetition::Free);
    for _ in 0..2 * FAILURES {
        let (stop, request) = (StopToken::never(), any_request());
        let mut answer = pin!(remote.run(&stop, remote.send(&request, &stop)));
        assert!(futures_util::poll!(&mut answer).is_pending());
        stop.stop();
        let start = Instant::now();
        assert!(matches!(answer.await, Err(OutboundError::Stopped { .. })));
        assert!(start.elapsed() <= TICK);
    }
}

#[tokio::test(start_paused = true)]
async fn server_that_keeps_failing_is_left_alone_and_tried_again_later() {
    let acts: Vec<Act> = (0..FAILURES).map(|_| Act::Silence).chain([Act::Status(200)]).collect();
    let script = Script::of(&acts);
    let remote = remote(&script, Repetition::Free);
    for _ in 0..FAILURES {
        assert!(ask(&remote, SECOND).await.0.is_err());
    }
    let (answer, took) = ask(&remote, SECOND).await;
    assert!(matches!(answer, Err(OutboundError::LeftAlone { wait: REST, .. })));
    assert_eq!((script.asked(), took), (FAILURES as usize, Duration::ZERO));
    advance(REST).await;
    assert_eq!(ask(&remote, SECOND).await.0.unwrap(), 200);
    assert_eq!(ask(&remote, SECOND).await.0.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn question_without_time_is_not_put_and_held_against_nobody() {
    let script = Script::of(&[Act::Status(200)]);
    let remote = remote(&script, Repetition::Free);
    for _ in 0..2 * FAILURES {
        assert!(matches!(ask(&remote, Duration::ZERO).await.0, Err(OutboundError::TimedOut { .. })));
    }
    assert_eq!(script.asked(), 0);
    assert!(ask(&remote, SECOND).await.0.is_ok());
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_than_allowed_are_under_way_at_once() {
    let script = Script::slow(&[Act::Status(200)], SECOND);
    let remote = remote(&script, Repetition::Free);
    let answers = join_all((0..5).map(|_| ask(&remote, SECOND * 10))).await;
    assert!(answers.iter().all(|(answer, _)| answer.is_ok()));
    assert_eq!(answers.iter().map(|(_, took)| *took).max(), Some(SECOND * 3));
    assert_eq!(script.most_at_once(), 2);
}

#[tokio::test(start_paused = true)]
async fn requests_keep_the_pace_of_their_host_and_its_wish_for_rest() {
    let script = Script::of(&[Act::Status(200), Act::NotNow(429, 5), Act::Status(200)]);
    let pace = Arc::new(Pace::new(std::num::NonZeroU32::new(1)));
    let remote = remote(&script, Repetition::Free).paced(pace);
    let (first, second) = futures_util::join!(ask(&remote, SECOND * 20), ask(&remote, SECOND * 20));
    assert_eq!((first.0.unwrap(), second.0.unwrap()), (200, 200));
    // The second had its turn after a second, was told to wait, and asked again when that was over.
    assert_eq!((first.1, second.1, script.asked()), (Duration::ZERO, SECOND * 6, 3));
}

#[tokio::test(start_paused = true)]
async fn who_gets_no_turn_in_time_has_learned_nothing_about_the_server() {
    let script = Script::of(&[Act::Status(200)]);
    let pace = Arc::new(Pace::new(std::num::NonZeroU32::new(1)));
    let remote = remote(&script, Repetition::Free).paced(pace);
    let question = async || {
        let (stop, request) = (stop_in(SECOND * 5 / 2), any_request());
        remote.judge(remote.send(&request, &stop)).await.map(|reply| reply.status)
    };
    let answers = join_all((0..20).map(|_| question())).await;
    let has_no_turn = |answer: &&Result<u16, _>| matches!(answer, Err(OutboundError::NoTurn { .. }));
    assert_eq!((answers.iter().filter(has_no_turn).count(), script.asked()), (17, 3));
    assert_eq!(question().await.unwrap(), 200);
}

#[tokio::test(start_paused = true)]
async fn servers_may_say_not_now_in_their_own_way() {
    let script = Script::of(&[Act::Body(200, "later".to_owned()), Act::Body(200, "here".to_owned())]);
    let remote = remote(&script, Repetition::Billed);
    let not_now = |reply: &Reply| (reply.body == b"later").then_some(NotNow::Limited { retry_after: None });
    let reply = remote.send_unless(&any_request(), &stop_in(SECOND), not_now).await.unwrap();
    assert_eq!((reply.body.as_slice(), script.asked()), (b"here".as_slice(), 2));
}
