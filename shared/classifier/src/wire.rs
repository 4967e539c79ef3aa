//! Little-endian numbers in and out. Reading never goes past the end, and takes memory only for what is
//! there.

use crate::file::ModelFault;

/// Bytes that are still to be read.
#[derive(Debug)]
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

/// Appends numbers to a file.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(rest: &'b [u8]) -> Self {
        Self { rest }
    }

    /// So many bytes, which are `what`.
    pub(crate) fn take(&mut self, len: usize, what: &'static str) -> Result<&'b [u8], ModelFault> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(ModelFault::Disagree { what })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize, T>(
        &mut self,
        (len, what): (usize, &'static str),
        read: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, ModelFault> {
        let bytes = len.checked_mul(N).ok_or(ModelFault::Disagree { what })?;
        let (chunks, _) = self.take(bytes, what)?.as_chunks::<N>();
        Ok(chunks.iter().copied().map(read).collect())
    }

    pub(crate) fn i8s(&mut self, len: usize, what: &'static str) -> Result<Vec<i8>, ModelFault> {
        self.array((len, what), i8::from_le_bytes)
    }

    pub(crate) fn u32s(&mut self, len: usize, what: &'static str) -> Result<Vec<u32>, ModelFault> {
        self.array((len, what), u32::from_le_bytes)
    }

    pub(crate) fn u64s(&mut self, len: usize, what: &'static str) -> Result<Vec<u64>, ModelFault> {
        self.array((len, what), u64::from_le_bytes)
    }

    /// Finite numbers: anything else is a fault.
    pub(crate) fn f32s(&mut self, len: usize, what: &'static str) -> Result<Vec<f32>, ModelFault> {
        let all = self.array((len, what), f32::from_le_bytes)?;
        let are_finite = all.iter().all(|one| one.is_finite());
        if are_finite { Ok(all) } else { Err(ModelFault::Disagree { what }) }
    }

    /// Nothing must be left.
    pub(crate) fn end(self) -> Result<(), ModelFault> {
        let what = "what follows the last array";
        if self.rest.is_empty() { Ok(()) } else { Err(ModelFault::Disagree { what }) }
    }
}

impl Writer {
    pub(crate) fn i8s(&mut self, all: &[i8]) {
        self.bytes.extend(all.iter().flat_map(|one| one.to_le_bytes()));
    }

    pub(crate) fn u32s(&mut self, all: impl IntoIterator<Item = u32>) {
        self.bytes.extend(all.into_iter().flat_map(u32::to_le_bytes));
    }

    pub(crate) fn u64s(&mut self, all: &[u64]) {
        self.bytes.extend(all.iter().flat_map(|one| one.to_le_bytes()));
    }

    pub(crate) fn f32s(&mut self, all: &[f32]) {
        self.bytes.extend(all.iter().flat_map(|one| one.to_le_bytes()));
    }
}
