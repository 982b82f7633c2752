use actix_web::App;
use actix_web::http::{Method, header};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use routemate_http::header_text;
use serde_json::{Value, json};

use super::*;

async fn told(method: Method, path: &str) -> (u16, Option<String>, Value) {
    let app = init_service(App::new().configure(configure)).await;
    let response = call_service(&app, TestRequest::with_uri(path).method(method).to_request()).await;
    let allow = header_text(response.headers(), header::ALLOW).map(str::to_owned);
    let status = response.status().as_u16();
    (status, allow, serde_json::from_slice(&read_body(response).await).expect("JSON"))
}

#[actix_web::test]
async fn a_wrong_method_is_told_before_anybody_is_asked_for_a_token() {
    let body = json!({ "code": 12, "message": "Method Not Allowed", "details": [] });
    for (method, path, allow) in [
        (Method::GET, "/authenticate", "POST"),
        (Method::PATCH, "/routes", "GET, HEAD, POST"),
        (Method::POST, "/routes/x/stops/y", "GET, HEAD, DELETE"),
        (Method::GET, "/routes/x/driver", "PUT, DELETE"),
        (Method::PUT, "/stops/imports", "POST, GET, HEAD"),
        (Method::POST, "/stops/imports/a%2Fb", "GET, HEAD, DELETE"),
        (Method::DELETE, "/stops/imports/x/routes", "GET, HEAD"),
        (Method::OPTIONS, "/drivers", "GET, HEAD"),
    ] {
        let said = told(method.clone(), &format!("/api/2024-07{path}")).await;
        assert_eq!(said, (405, Some(allow.to_owned()), body.clone()), "{method} {path}");
    }
}

#[actix_web::test]
async fn an_unknown_path_is_told_as_the_dialect_does() {
    for path in ["", "/", "/nothing", "/routes/", "/stops", "/stops/imports/", "/stops/imports/a/b", "/%ff"] {
        let said = told(Method::GET, &format!("/api/2024-07{path}")).await;
        assert_eq!(said, (404, None, json!({ "code": 5, "message": "Not Found", "details": [] })), "{path}");
    }
}
