//! Ids.

use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::TestApp;

database_tests! {
    async fn ids_grow_also_within_one_instant_and_tell_the_time(db: &TestDb) {
        let app = TestApp::new(db);
        let ids: Vec<_> = (0..10_000).map(|_| app.new_uuid()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        let (seconds, _) = ids[0].get_timestamp().expect("a time").to_unix();
        assert_eq!(i64::try_from(seconds).unwrap(), app.clock().now().as_second());
    }
}
