//! `Access`: one caller's way to the store for one request. Every read and every unit of work starts here.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{ModelTrait, QueryResult, Value, sea_query::SelectStatement};
use uuid::Uuid;

use super::{Guarded, Store, Tx, column, id_of};
use crate::{
    actor::{Actor, Permission, Rights},
    error::{Error, Result},
};

/// The idempotency key of a request: the store writes it in the transaction of the effect.
#[derive(Clone, Debug)]
pub struct Key {
    pub caller: String,
    pub key: String,
    pub hash: String,
}

impl Written {
    pub(super) fn of<E: Guarded>(row: &E::Model) -> Result<Self> {
        let (id, row) = (id_of::<E>(row)?, row.clone());
        let value = move |name: &str| Some(row.get(column::<E>(name).ok()?));
        Ok(Self { table: E::NAME, id, value: Box::new(value) })
    }
}

/// One caller, one request, one instant. Cheap to clone.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    store: Store,
    actor: Actor,
    now: DateTime<Utc>,
    request: Option<String>,
    key: Option<Key>,
    /// After a write the same request reads from the writer: it must see what it wrote.
    fresh: AtomicBool,
    /// The row that the last unit of work wrote last, for its answer.
    written: Mutex<Option<Written>>,
}

/// The value of a column.
pub(super) type ByColumn = Box<dyn Fn(&str) -> Option<Value> + Send + Sync>;

/// A row as it was committed, its Rust type forgotten.
pub(super) struct Written {
    pub table: &'static str,
    pub id: Uuid,
    pub value: ByColumn,
}

impl Access {
    pub fn new(store: Store, actor: Actor, request: Option<String>) -> Self {
        let now = store.now();
        Self(Arc::new(Inner {
            store,
            actor,
            now,
            request,
            key: None,
            fresh: AtomicBool::new(false),
            written: Mutex::default(),
        }))
    }

    /// The same caller's next request: its own instant and id, and perhaps a key for which it takes effect once.
    #[must_use]
    pub fn again(&self, request: &str, key: Option<Key>) -> Self {
        Self(Arc::new(Inner {
            store: self.0.store.clone(),
            actor: self.0.actor.clone(),
            now: self.0.store.now(),
            request: Some(request.to_owned()),
            key,
            fresh: AtomicBool::new(false),
            written: Mutex::default(),
        }))
    }

    /// The same caller at the present instant and without the key: for the next of many units of work, which has
    /// its own way to tell a repetition.
    #[must_use]
    pub fn next(&self) -> Self {
        let store = self.0.store.clone();
        Self(Arc::new(Inner {
            now: store.now(),
            store,
            actor: self.0.actor.clone(),
            request: self.0.request.clone(),
            key: None,
            fresh: AtomicBool::new(self.0.fresh.load(Ordering::Relaxed)),
            written: Mutex::default(),
        }))
    }

    /// The same caller at another time: for what is written down afterwards, such as the demo organisation's past.
    #[must_use]
    pub fn at(&self, now: DateTime<Utc>) -> Self {
        Self(Arc::new(Inner {
            store: self.0.store.clone(),
            actor: self.0.actor.clone(),
            now: now.trunc_subsecs(6),
            request: self.0.request.clone(),
            key: None,
            fresh: AtomicBool::new(false),
            written: Mutex::default(),
        }))
    }

    /// The same caller at the same instant with every right of the organisation: for what follows from their work.
    pub(super) fn deputy(&self) -> Self {
        let actor = Actor { rights: Arc::new(Rights::everything()), ..self.0.actor.clone() };
        Self(Arc::new(Inner {
            store: self.0.store.clone(),
            actor,
            now: self.0.now,
            request: self.0.request.clone(),
            key: None,
            fresh: AtomicBool::new(false),
            written: Mutex::default(),
        }))
    }

    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// The one time of this request.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.now
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub(super) fn request(&self) -> Option<&str> {
        self.0.request.as_deref()
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// Refused without the permission: for work that looks at its input before it opens a unit.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.0.actor.may(permission) { Ok(()) } else { Err(Error::Forbidden(permission)) }
    }

    /// Opens a unit of work; refused without the permission.
    pub async fn begin(&self, permission: Permission) -> Result<Tx> {
        self.require(permission)?;
        Tx::begin(self.clone(), permission).await
    }

    /// From here on this request reads what it wrote. Not earlier: on SQLite the writer's one connection is taken
    /// while the work is open.
    pub(super) fn wrote(&self, last: Option<Written>) {
        self.0.fresh.store(true, Ordering::Relaxed);
        *self.0.written.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    /// Cells of the row just written, so that its answer need not read it again. Whoever asks knows that the caller
    /// may read every row of the table.
    pub fn written(&self, table: &str, id: Uuid, columns: &[&str]) -> Option<Vec<Value>> {
        let last = self.0.written.lock().unwrap_or_else(PoisonError::into_inner);
        let row = last.as_ref().filter(|row| row.table == table && row.id == id)?;
        columns.iter().map(|column| (row.value)(column)).collect()
    }

    pub(super) async fn fetch(&self, query: &SelectStatement) -> Result<Vec<QueryResult>> {
        self.0.store.all(self.0.fresh.load(Ordering::Relaxed), query).await
    }
}
