use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, http::header};
use routemate_http::header_text;

use super::*;

#[track_caller]
fn allow_of(path: &str) -> &'static str {
    if path.ends_with("jobs") { "GET, HEAD" } else { "POST" }
}

#[actix_web::test]
async fn a_wrong_method_is_told_in_json_before_anybody_is_asked_for_a_token() {
    let app = init_service(App::new().configure(configure)).await;
    let methods =
        [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::GET, Method::HEAD, Method::POST];
    for path in ["/v1/integration-token", "/v1/integration-import", "/v1/integration-jobs"] {
        for method in methods.iter().filter(|method| !allow_of(path).contains(method.as_str())) {
            let req = TestRequest::with_uri(path).method(method.clone()).to_request();
            let response = call_service(&app, req).await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(header_text(response.headers(), header::ALLOW), Some(allow_of(path)), "{method} {path}");
            assert_eq!(header_text(response.headers(), header::CONTENT_TYPE), Some("application/json"));
            assert_eq!(read_body(response).await, r#"{"error":"Method not allowed"}"#);
        }
    }
}

#[actix_web::test]
async fn an_unknown_path_is_told_in_json() {
    let app = init_service(App::new().configure(configure)).await;
    for path in ["/v1", "/v1/", "/v1/integration-jobs/7", "/v1/nothing?x=%ff", "/v1/%ff"] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(read_body(response).await, r#"{"error":"Not found"}"#, "{path}");
    }
}
