//! Logging in and out.

use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use maud::html;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::bare;
use crate::{
    store::Reader,
    web::{
        Shared, access::Way, caller::Caller, cookie, people::Refused, problem::Problem,
        sessions::secret,
    },
};

/// Where somebody wanted to go.
#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
pub(in crate::web) struct LogIn {
    name: String,
    password: String,
    csrf: String,
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
pub(in crate::web) struct LogOut {
    csrf: String,
}

pub(super) async fn show(State(api): Shared, Query(asked): Query<Asked>) -> Response {
    let hint = match api.read(Reader::has_users).await {
        Ok(true) => None,
        Ok(false) => Some(
            "There are no users yet. On the hub's machine, `defender hub user add NAME` makes one.",
        ),
        Err(_) => None,
    };
    form(StatusCode::OK, hint, "", &asked.to)
}

pub(super) async fn log_in(
    State(api): Shared,
    Extension(way): Extension<Way>,
    headers: HeaderMap,
    Form(said): Form<LogIn>,
) -> Response {
    let of_form = cookie::of(&headers, cookie::FORM).unwrap_or_default();
    if of_form.is_empty() || !is_same(of_form, &said.csrf) {
        let hint = "This form is too old, or your browser takes no cookies. Try again.";
        return form(StatusCode::FORBIDDEN, Some(hint), &said.name, &said.to);
    }
    let LogIn {
        name, password, to, ..
    } = said;
    match api.log_in(way.client, name.clone(), password).await {
        Ok(token) => {
            let cookies = [
                cookie::set(cookie::SESSION, &token),
                cookie::unset(cookie::FORM),
            ];
            (cookies_of(cookies), Redirect::to(own(&to))).into_response()
        }
        Err(Refused::Wrong) => {
            let hint = "Name or password is wrong.";
            form(StatusCode::UNAUTHORIZED, Some(hint), &name, &to)
        }
        Err(Refused::TooOften(seconds)) => {
            let hint = format!("That was too often. Try again in {seconds} s.");
            let form = form(StatusCode::TOO_MANY_REQUESTS, Some(&hint), &name, &to);
            let wait = [(header::RETRY_AFTER, HeaderValue::from(seconds))];
            (wait, form).into_response()
        }
        Err(Refused::Problem(problem)) => {
            form(problem.status(), Some(problem.reason()), &name, &to)
        }
    }
}

pub(super) async fn log_out(
    State(api): Shared,
    caller: Caller,
    headers: HeaderMap,
    Form(said): Form<LogOut>,
) -> Response {
    if !caller.csrf().is_some_and(|csrf| is_same(csrf, &said.csrf)) {
        let reason = "this form is of another session: load the page again";
        return Problem::new(StatusCode::FORBIDDEN, reason).into_response();
    }
    if let Some(token) = cookie::of(&headers, cookie::SESSION) {
        api.people.sessions.end(token);
    }
    let cookies = [cookie::unset(cookie::SESSION)];
    (cookies_of(cookies), Redirect::to("/login")).into_response()
}

fn cookies_of<const N: usize>(
    cookies: [String; N],
) -> AppendHeaders<[(header::HeaderName, String); N]> {
    AppendHeaders(cookies.map(|cookie| (header::SET_COOKIE, cookie)))
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// A page of this hub, and no address of somebody else that looks like one.
fn own(to: &str) -> &str {
    let is_own = to.starts_with('/')
        && !to.starts_with("//")
        && to
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    match is_own {
        true => to,
        false => "/",
    }
}

fn form(status: StatusCode, hint: Option<&str>, name: &str, to: &str) -> Response {
    let Ok(csrf) = secret() else {
        let reason = "the system gives no random numbers";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    };
    let content = html! {
        h1 { "Log in" }
        @if let Some(hint) = hint { p role="alert" class="trouble" { (hint) } }
        form method="post" action="/login" class="log-in" {
            input type="hidden" name="csrf" value=(csrf);
            input type="hidden" name="to" value=(own(to));
            p { label { "Name " input name="name" value=(name) required maxlength="64" autocomplete="username" autocapitalize="none" autofocus; } }
            p { label { "Password " input type="password" name="password" required maxlength="256" autocomplete="current-password"; } }
            p { button { "Log in" } }
        }
    };
    let mut response = bare("Log in", &content);
    *response.status_mut() = status;
    (cookies_of([cookie::set(cookie::FORM, &csrf)]), response).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for to in ["/", "/alerts?state=open", "/devices/a%20b"] {
            assert_eq!(own(to), to);
        }
        for to in [
            "",
            "alerts",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
        ] {
            assert_eq!(own(to), "/", "{to:?}");
        }
    }
}
