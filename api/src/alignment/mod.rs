//! What marketing and sales agree on and how it is kept: agreements, scores, handoffs, response times. It knows
//! customers and campaigns; they do not know it, but in the schema.

pub mod calendar;
