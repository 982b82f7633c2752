use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::remote::drive::drive;
use crate::remote::fake::{Knowing, place, way};

fn matrix(server: &Knowing, side: usize, points: &[LatLng]) -> Result<Matrix, TravelError> {
    let (places, side) = (Places::of(points), AtomicUsize::new(side));
    places.matrix(server, &side, &StopToken::never()).now_or_never().unwrap()
}

fn asked(server: &Knowing) -> Vec<usize> {
    server.asked.lock().unwrap().clone()
}

fn expected(from: usize, to: usize) -> Option<Leg> {
    if from == to { Some(Leg { duration: Seconds::ZERO, distance: Meters::ZERO }) } else { way(from, to) }
}

proptest! {
    #[test]
    fn tiles_of_any_size_make_the_same_matrix(len in 0..40_usize, side in 1..20_usize, most in 1..400_usize) {
        let server = Knowing::new(most);
        let points: Vec<LatLng> = (0..len).map(place).collect();
        let matrix = matrix(&server, side, &points).unwrap();
        prop_assert_eq!(matrix.len(), len);
        for from in 0..len {
            for to in 0..len {
                prop_assert_eq!(matrix.leg(from, to), expected(from, to));
            }
        }
        prop_assert!(asked(&server).into_iter().all(|pairs| pairs <= side * side));
    }

    #[test]
    fn points_near_no_road_have_no_way_and_cost_the_others_nothing(
        len in 2..40_usize,
        side in 5..20_usize,
        off_road in prop::collection::hash_set(0..40_usize, 0..4),
    ) {
        let server = Knowing { off_road: off_road.iter().copied().collect(), ..Knowing::new(10_000) };
        let points: Vec<LatLng> = (0..len).map(place).collect();
        let matrix = matrix(&server, side, &points).unwrap();
        for from in 0..len {
            for to in 0..len {
                let is_cut_off = off_road.contains(&from) || off_road.contains(&to);
                let leg = if is_cut_off && from != to { None } else { expected(from, to) };
                prop_assert_eq!(matrix.leg(from, to), leg);
            }
        }
    }

    #[test]
    fn pieces_of_any_length_make_the_same_path(len in 0..40_usize, longest in 2..20_usize, most in 2..30_usize) {
        let server = Knowing::new(most);
        let points: Vec<LatLng> = (0..len).map(place).collect();
        let longest = AtomicUsize::new(longest);
        let driven = drive(&server, &longest, &points, &StopToken::never()).now_or_never().unwrap().unwrap();
        prop_assert_eq!(driven.geometry, points);
        let numbers: Vec<u32> = driven.legs.iter().map(|leg| leg.distance.get()).collect();
        prop_assert_eq!(numbers, (1..u32::try_from(len.max(1)).unwrap()).collect::<Vec<_>>());
    }
}

#[test]
fn equal_points_are_asked_for_once() {
    let server = Knowing::new(100);
    let points = [3, 5, 3, 5, 3].map(place);
    let matrix = matrix(&server, 10, &points).unwrap();
    assert_eq!(asked(&server), [4]);
    assert_eq!(matrix.leg(0, 2), expected(3, 3));
    assert_eq!((matrix.leg(2, 3), matrix.leg(4, 1)), (way(3, 5), way(3, 5)));
}

#[test]
fn one_place_is_no_question() {
    let server = Knowing::new(100);
    assert_eq!(matrix(&server, 10, &[place(1), place(1)]).unwrap().leg(0, 1), expected(1, 1));
    assert!(asked(&server).is_empty());
}

#[test]
fn what_was_too_much_once_is_not_asked_again() {
    let (server, side) = (Knowing::new(30), AtomicUsize::new(20));
    let places = Places::of(&(0..20).map(place).collect::<Vec<_>>());
    for _ in 0..2 {
        assert!(places.matrix(&server, &side, &StopToken::never()).now_or_never().unwrap().is_ok());
    }
    assert_eq!(side.load(Ordering::Relaxed), 5);
    // The whole, one of the quarters that follow at once, and never again.
    assert!(asked(&server).iter().filter(|&&pairs| pairs > 30).count() <= 4, "{:?}", asked(&server));
}

#[test]
fn more_places_than_a_server_is_for_are_not_asked_for() {
    let server = Knowing::new(100);
    let answer = matrix(&server, 10, &(0..=MOST_PLACES).map(place).collect::<Vec<_>>());
    assert!(matches!(answer, Err(TravelError::TooMuch { .. })));
    assert!(asked(&server).is_empty());
}

#[test]
fn server_that_gives_not_even_one_pair_refuses_and_nothing_is_learned_from_it() {
    let (places, side) = (Places::of(&[place(1), place(2)]), AtomicUsize::new(10));
    let answer = places.matrix(&Knowing::new(0), &side, &StopToken::never()).now_or_never().unwrap();
    assert!(matches!(answer, Err(TravelError::Refused { .. })));
    assert_eq!(side.load(Ordering::Relaxed), 10);
}

#[test]
fn equal_points_in_a_row_are_driven_through_once() {
    let server = Knowing::new(100);
    let points = [1, 1, 2, 2, 2, 1].map(place);
    let longest = AtomicUsize::new(10);
    let driven = drive(&server, &longest, &points, &StopToken::never()).now_or_never().unwrap().unwrap();
    assert_eq!(asked(&server), [3]);
    assert_eq!(driven.legs.iter().map(|leg| leg.distance.get()).collect::<Vec<_>>(), [0, 2, 0, 0, 1]);
}

#[test]
fn path_over_a_point_near_no_road_is_no_way() {
    let server = Knowing { off_road: vec![2], ..Knowing::new(100) };
    let points = [1, 2, 3].map(place);
    let driven = drive(&server, &AtomicUsize::new(10), &points, &StopToken::never()).now_or_never().unwrap();
    assert!(matches!(driven, Err(TravelError::NoWay { .. })));
}
