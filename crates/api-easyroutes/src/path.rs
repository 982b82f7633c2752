use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

/// A parameter of the path, decoded once: an id of a client's own may hold anything, a slash, a percent sign, two dots.
///
/// Taken from the path as it was sent. What actix hands out has been decoded in part by then, and bytes that are no UTF-8
/// been replaced. `None` for these: no id has them.
pub(crate) fn parameter(req: &HttpRequest, name: &str) -> Option<String> {
    named(&req.match_pattern()?, req.uri().path(), name)
}

/// What stands in the path where the pattern has this name.
pub(crate) fn named(pattern: &str, path: &str, name: &str) -> Option<String> {
    let place = pattern.split('/').position(|part| is_parameter(part, name))?;
    let sent = path.split('/').nth(place)?;
    percent_decode_str(sent).decode_utf8().ok().map(|text| text.into_owned())
}

fn is_parameter(part: &str, name: &str) -> bool {
    part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) == Some(name)
}

#[cfg(test)]
mod tests {
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, HttpResponse, web};

    use super::*;

    async fn told(path: &str) -> String {
        let say = |req: HttpRequest| async move {
            let id = parameter(&req, "id").map_or("none".to_owned(), |id| format!("<{id}>"));
            HttpResponse::Ok().body(id)
        };
        let scope = web::scope("/api").service(web::resource("/stops/{id}/routes").to(say));
        let scope = scope.service(web::resource("/stops/{id}").to(say));
        let app = init_service(App::new().service(scope)).await;
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        String::from_utf8(read_body(response).await.to_vec()).expect("text")
    }

    #[actix_web::test]
    async fn any_id_can_be_named() {
        for (sent, id) in [
            ("mystopid-123", "mystopid-123"),
            ("a%2Fb", "a/b"),
            ("a%2fb%2F..", "a/b/.."),
            ("..", ".."),
            ("%2e%2E", ".."),
            ("a%20b+c", "a b+c"),
            ("a%2Bb", "a+b"),
            ("100%25", "100%"),
            ("%2541", "%41"),
            ("%252F", "%2F"),
            ("p%C3%A4iv%C3%A4%20%F0%9F%93%A6", "päivä 📦"),
            ("a%3Fb%23c", "a?b#c"),
            ("a;b=c,d:e@f!$&'()*", "a;b=c,d:e@f!$&'()*"),
            ("a%0Ab", "a\nb"),
            ("routes", "routes"),
            ("%7Bid%7D", "{id}"),
        ] {
            assert_eq!(told(&format!("/api/stops/{sent}")).await, format!("<{id}>"), "{sent}");
            assert_eq!(told(&format!("/api/stops/{sent}/routes")).await, format!("<{id}>"), "{sent}");
        }
    }

    #[actix_web::test]
    async fn what_is_no_text_names_nothing() {
        assert_eq!(told("/api/stops/%FF").await, "none");
        // No percent sign that stands for another: as it is.
        assert_eq!(told("/api/stops/50%zz").await, "<50%zz>");
    }
}
