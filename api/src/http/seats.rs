//! How many sockets and streams each caller holds open. It counts; it does not know what flows through them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::StatusCode;

use super::{
    fault::{Code, Fault},
    metrics::Alive,
};

#[derive(Clone)]
pub struct Seats {
    most: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// Given back when dropped.
pub struct Seat {
    seats: Seats,
    caller: String,
    _alive: Alive,
}

impl Seats {
    pub fn new(most: usize) -> Self {
        let taken = Arc::default();
        Self { most, taken }
    }

    pub fn take(&self, caller: &str) -> Result<Seat, Fault> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(caller.to_owned()).or_default();
        if *count >= self.most {
            let message = format!("more than {} open sockets or streams", self.most);
            let fault = Fault::new(Code::RateLimited, message);
            return Err(fault.with_status(StatusCode::TOO_MANY_REQUESTS));
        }
        *count += 1;
        Ok(Seat { seats: self.clone(), caller: caller.to_owned(), _alive: Alive::socket() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.caller);
            }
        }
    }
}
