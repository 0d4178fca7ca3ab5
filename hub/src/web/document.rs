//! The API, and what it says of itself (OpenAPI): made of the same routes, so that none is missing.

use std::sync::{Arc, LazyLock};

use axum::{Router, http::header, response::IntoResponse};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Components, ContentBuilder, OpenApi as Document, PathItem, Ref, ResponseBuilder,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Api, alerts, baselines, caller, devices, exceptions, live, policy, profile};

/// What is wrong with a request.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[allow(dead_code, reason = "its schema is what it is for")]
struct ProblemBody {
    /// One sentence.
    error: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "defender hub",
        description = "What devices did, what was found, and what a person does about it.\n\nTimes are in seconds of Unix time."
    ),
    components(schemas(ProblemBody))
)]
struct Begun;

/// The API's routes, and the document of them.
fn described() -> (Router<Arc<Api>>, Document) {
    OpenApiRouter::with_openapi(Begun::openapi())
        .routes(routes!(super::healthz))
        .routes(routes!(super::metrics))
        .routes(routes!(super::status))
        .routes(routes!(caller::me))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::one))
        .routes(routes!(alerts::acknowledge))
        .routes(routes!(alerts::close))
        .routes(routes!(baselines::list))
        .routes(routes!(baselines::accept))
        .routes(routes!(baselines::forget))
        .routes(routes!(devices::list))
        .routes(routes!(devices::one))
        .routes(routes!(devices::traffic))
        .routes(routes!(profile::show))
        .routes(routes!(profile::mud))
        .routes(routes!(exceptions::list, exceptions::add))
        .routes(routes!(exceptions::preview))
        .routes(routes!(exceptions::delete))
        .routes(routes!(policy::show))
        .routes(routes!(live::events))
        .routes(routes!(show))
        .split_for_parts()
}

/// The API's routes.
pub(super) fn routes() -> Router<Arc<Api>> {
    described().0
}

/// The document, which is the same as long as the program runs.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let (_, mut document) = described();
    complete(&mut document);
    // What the library made, it writes.
    document.to_json().unwrap_or_default()
});

/// What holds for all of it: how it is asked from elsewhere, and what an answer is that is no success.
fn complete(document: &mut Document) {
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "On this machine, nothing is to be shown unless a token is set.",
        ))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let problem = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let problem = ResponseBuilder::new()
        .description("What is wrong with the request, or with the hub")
        .content("application/json", problem)
        .build();
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let responses = &mut operation.responses.responses;
        responses.insert("default".to_owned(), problem.clone().into());
    }
}

/// What may be done with a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [&mut item.get, &mut item.post, &mut item.delete];
    all.into_iter().flatten()
}

/// This document
///
/// The API in OpenAPI 3.1.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "document", tag = "hub",
    responses((status = 200, body = Object)))]
async fn show() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (kind, DOCUMENT.as_str())
}
