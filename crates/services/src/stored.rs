//! Records that have but one stored form.

/// Declares how a type is stored whose body is the whole of it.
macro_rules! stored {
    ($type:ty as $kind:ident, key: |$k:ident| $key:expr, columns: |$c:ident| $columns:expr, weight: |$w:ident| $weight:expr) => {
        impl store::Record for $type {
            const KIND: &'static store::Kind = &$kind;

            fn key(&self) -> store::Key {
                let $k = self;
                $key
            }

            fn columns(&self) -> Vec<store::Value> {
                let $c = self;
                $columns
            }

            fn encode(&self) -> Result<Vec<u8>, store::CodecError> {
                store::encode_body(self)
            }

            fn decode(version: u16, body: &[u8]) -> Result<Self, store::CodecError> {
                match version {
                    1 => store::decode_body(body),
                    _ => Err(store::CodecError::UnknownVersion(version)),
                }
            }

            fn weight(&self) -> usize {
                let $w = self;
                size_of::<Self>() + $weight
            }
        }
    };
}
pub(crate) use stored;
