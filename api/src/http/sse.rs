//! graphql-sse, distinct connections mode: one stream per operation on the endpoint itself.

use std::{convert::Infallible, time::Duration};

use async_graphql::parser::types::OperationType;
use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::{
    StreamExt,
    stream::{BoxStream, once},
};

use super::{
    auth,
    fault::Fault,
    front::Admitted,
    run::{self, Answer, Call},
};

const KEEP_ALIVE: Duration = Duration::from_secs(12);

pub async fn respond(call: Call, admitted: Admitted, key: Option<String>) -> Result<Response, Fault> {
    let answers: BoxStream<'static, Answer> = if admitted.kind == OperationType::Subscription {
        let seat = call.app.seats.take(&call.who.key)?;
        let ended = auth::ended(call.who.clone(), call.app.limits.clone());
        let draining = call.app.life.draining.clone();
        let over = async move {
            tokio::select! {
                () = ended => {}
                () = draining.cancelled_owned() => {}
            }
        };
        let events = run::subscribe(&call, admitted)?.take_until(Box::pin(over));
        events
            .inspect(move |_| {
                // the seat is given back when the stream is dropped
                let _ = &seat;
            })
            .boxed()
    } else {
        let answer = run::run(&call, admitted, key).await?;
        once(async move { answer }).boxed()
    };
    let events = answers.map(|answer| {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Event::default().event("next").data(text)
    });
    let last = once(async { Event::default().event("complete").data("") });
    let events = events.chain(last).map(Ok::<_, Infallible>);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}
