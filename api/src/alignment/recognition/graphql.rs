//! Recognition in the schema. It holds no rule.

use std::sync::LazyLock;

use entity::recognition::{Column as C, Entity};

use super::RecognitionRecipients;
use crate::{
    access::user,
    actor::Permission,
    graph::{self, Meta, Rules, form::Form, record::link},
    insight::goal,
};

fn recipients() -> &'static Form {
    static FORM: LazyLock<Form> =
        LazyLock::new(|| Form::one::<RecognitionRecipients>("RecognitionRecipients", RecognitionRecipients::check));
    &FORM
}

pub fn meta() -> &'static Meta {
    static META: LazyLock<Meta> = LazyLock::new(|| {
        let rules = Rules {
            read: Permission::RecognitionRead,
            create: Some(Permission::RecognitionCreate),
            update: None,
            delete: None,
            assign: None,
        };
        let about =
            "Thanks for what somebody did for a goal of both sides. Everybody sees them, nobody is paid by them.";
        Meta::new::<Entity>(
            "Recognition",
            "recognitions",
            about,
            rules,
            vec![
                graph::one(C::FromUserId, user::meta, "Who thanks: whoever made it.").optional().filter().group(),
                graph::formed(C::Recipients, recipients(), "Who is thanked.").required().once(),
                link(C::GoalId, goal::graphql::meta, "The goal that it was for.").once(),
                graph::text(C::Reason, "What for.").max(2000).required().once(),
                graph::boolean(
                    C::Joint,
                    "Whether it goes across: somebody thanked is on the other side, or in no team of who thanks. Counted beside the alignment index.",
                )
                .filter()
                .group(),
            ],
        )
    });
    &META
}
