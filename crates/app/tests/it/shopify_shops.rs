//! Shops at Shopify: who may send, and for whom.

use jiff::SignedDuration;
use routemate_app::{ConnectShop, ErrorKind, Noun, ShopifyOrderQuery, ShopifyOutcome, Unauthenticated};
use routemate_auth::WebhookKey;
use routemate_domain::{OrganizationStatus, ShopifyOrderStatus, ToldOrder};
use routemate_persistence::database_tests;
use routemate_persistence::test_db::TestDb;
use routemate_test_support::TestApp;

use crate::facts::{audited, refusal};
use crate::shopify::{NUMBER, SECRET, domain, message, open, send, shop, with_items};

database_tests! {
    async fn a_shop_is_known_by_its_signature_and_all_else_is_refused_alike(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let shop = shop(&app, &who, "example").await;
        let (body, key) = (b"{\"id\":1}".as_slice(), WebhookKey::new(&SECRET.into()));
        let good = key.sign(body);
        let known = app.authenticate_shop("Example.MyShopify.com", &good, body).await.unwrap();
        assert_eq!(known, std::slice::from_ref(&shop));
        let other = WebhookKey::new(&"hush ".into()).sign(body);
        for (domain, signature, body) in [
            ("example.myshopify.com", other.as_str(), body),
            ("example.myshopify.com", "", body),
            ("example.myshopify.com", "not base64!", body),
            ("example.myshopify.com", good.as_str(), b"{\"id\":2}"),
            ("other.myshopify.com", good.as_str(), body),
            ("example.com", good.as_str(), body),
            ("", good.as_str(), body),
        ] {
            let refused = refusal(app.authenticate_shop(domain, signature, body).await);
            assert_eq!(refused, ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature), "{domain} {signature}");
        }
    }

    async fn two_secrets_are_valid_while_one_is_rotated(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        shop(&app, &who, "example").await;
        let name = domain("example");
        let is_known = async |secret: &str| {
            let signature = WebhookKey::new(&secret.into()).sign(b"{}");
            app.authenticate_shop("example.myshopify.com", &signature, b"{}").await.is_ok()
        };
        let day = SignedDuration::from_hours(24);
        let rotated = app.rotate_shop(who.organization_id, &name, &"second".into(), Some(day)).await.unwrap();
        assert_eq!(rotated.previous_key.unwrap().expires_at, app.clock().now() + day);
        assert!(is_known(SECRET).await && is_known("second").await);
        app.clock.advance(day);
        assert!(!is_known(SECRET).await && is_known("second").await);
        app.rotate_shop(who.organization_id, &name, &"third".into(), None).await.unwrap();
        assert!(!is_known("second").await && is_known("third").await);
        app.rotate_shop(who.organization_id, &name, &"fourth".into(), Some(day)).await.unwrap();
        app.rotate_shop(who.organization_id, &name, &"fifth".into(), Some(day)).await.unwrap();
        assert!(!is_known("third").await && is_known("fourth").await && is_known("fifth").await);
        app.remove_shop(who.organization_id, &name).await.unwrap();
        assert!(!is_known("fourth").await && !is_known("fifth").await);
        let gone = refusal(app.rotate_shop(who.organization_id, &name, &"x".into(), None).await);
        assert_eq!(gone, ErrorKind::NotFound(Noun::ShopifyShop));
        let audited = audited(&app.store, who.organization_id).await;
        let rotations = audited.iter().filter(|action| *action == "shopify_shop.secret_rotated").count();
        assert_eq!((audited[0].as_str(), rotations), ("shopify_shop.removed", 4));
    }

    async fn an_organisation_has_a_shop_once_and_several_organisations_may_have_it(db: &TestDb) {
        let app = TestApp::new(db);
        let (who, other) = (app.principal().await, app.principal().await);
        let own = shop(&app, &who, "example").await;
        let again = ConnectShop { organization_id: who.organization_id, domain: domain("example"), secret: SECRET.into() };
        assert!(matches!(refusal(app.connect_shop(again).await), ErrorKind::Refused(_)));
        let theirs = ConnectShop { organization_id: other.organization_id, domain: domain("example"), secret: "theirs".into() };
        app.connect_shop(theirs).await.unwrap();
        // Each gets what is signed with the secret it has.
        let signed = async |secret: &str| {
            let signature = WebhookKey::new(&secret.into()).sign(b"{}");
            app.authenticate_shop("example.myshopify.com", &signature, b"{}").await.unwrap()
        };
        assert_eq!(signed(SECRET).await, [own]);
        assert_eq!(signed("theirs").await[0].organization_id, other.organization_id);
        let removed = refusal(app.remove_shop(other.organization_id, &domain("second")).await);
        assert_eq!(removed, ErrorKind::NotFound(Noun::ShopifyShop));
        app.set_organization_status(who.organization_id, OrganizationStatus::Suspended).await.unwrap();
        let signature = WebhookKey::new(&SECRET.into()).sign(b"{}");
        let refused = refusal(app.authenticate_shop("example.myshopify.com", &signature, b"{}").await);
        assert_eq!(refused, ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature));
        assert_eq!(signed("theirs").await.len(), 1);
    }

    async fn a_shop_that_sends_too_much_is_told_to_wait(db: &TestDb) {
        let app = TestApp::with(db, |settings| settings.shopify_requests_per_minute = Some(2));
        let who = app.principal().await;
        for name in ["example", "second"] {
            shop(&app, &who, name).await;
        }
        let signature = WebhookKey::new(&SECRET.into()).sign(b"{}");
        let asked = async |domain: &str, signature: &str| app.authenticate_shop(domain, signature, b"{}").await;
        for _ in 0..5 {
            assert!(matches!(refusal(asked("example.myshopify.com", "forged").await), ErrorKind::Unauthenticated(_)));
        }
        assert!(asked("example.myshopify.com", &signature).await.is_ok());
        assert!(asked("example.myshopify.com", &signature).await.is_ok());
        assert!(matches!(refusal(asked("example.myshopify.com", &signature).await), ErrorKind::TooMany { limit: 2, .. }));
        assert!(asked("second.myshopify.com", &signature).await.is_ok());
        app.clock.advance(SignedDuration::from_mins(1));
        assert!(asked("example.myshopify.com", &signature).await.is_ok());
    }

    async fn shops_may_have_orders_of_one_name_and_none_changes_anothers(db: &TestDb) {
        let app = TestApp::new(db);
        let who = app.principal().await;
        let (first, second) = (shop(&app, &who, "example").await, shop(&app, &who, "second").await);
        assert_eq!(send(&app, &first, "a", open(0)).await, ShopifyOutcome::Applied);
        assert_eq!(send(&app, &second, "a", ToldOrder { number: 7, ..open(0) }).await, ShopifyOutcome::Applied);
        let query = ShopifyOrderQuery { status: None, before: None, most: 10 };
        let listed = app.shopify_orders(&who, &query).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|one| (one.order.told.number, one.shop.as_str(), one.order.told.request.order_name.as_deref())).collect();
        assert_eq!(listed, [(NUMBER, "example.myshopify.com", Some("#1001")), (7, "second.myshopify.com", Some("#1001"))]);
        assert_eq!(send(&app, &second, "b", with_items(9, 9)).await, ShopifyOutcome::Foreign);
        assert_eq!(app.shopify_order(&who, NUMBER).await.unwrap().order.told, open(0));
        let page = |before, status| ShopifyOrderQuery { status, before, most: 1 };
        assert_eq!(app.shopify_orders(&who, &page(Some(NUMBER), None)).await.unwrap()[0].order.told.number, 7);
        assert!(app.shopify_orders(&who, &page(Some(7), None)).await.unwrap().is_empty());
        assert!(app.shopify_orders(&who, &page(None, Some(ShopifyOrderStatus::Cancelled))).await.unwrap().is_empty());
        assert_eq!(app.shopify_orders(&who, &page(None, Some(ShopifyOrderStatus::Open))).await.unwrap().len(), 1);
        // One that is disconnected takes its own orders along.
        app.remove_shop(who.organization_id, &domain("example")).await.unwrap();
        assert_eq!(refusal(app.shopify_order(&who, NUMBER).await), ErrorKind::NotFound(Noun::ShopifyOrder));
        assert!(app.shopify_order(&who, 7).await.is_ok());
        let gone = refusal(app.receive_from_shop(&first, &message("z", open(0))).await);
        assert_eq!(gone, ErrorKind::Unauthenticated(Unauthenticated::InvalidSignature));
    }
}
