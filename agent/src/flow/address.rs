//! What the flow table needs to know of an address.

use core::array;
use core::net::{Ipv4Addr, Ipv6Addr};

use defender_message::flow::Flow as AnyFlow;

use super::table::Flows;
use super::{Flow, FlowTable};

/// An IP address, as the words that it consists of, each as it stands in a packet in network order.
pub trait Address: Copy + Sized {
    /// The words.
    type Words: Copy + AsRef<[u32]>;
    /// How many there are.
    const WORDS: usize;
    /// All zero.
    const ZERO: Self::Words;

    /// Such words.
    fn words_of(word: impl Fn(usize) -> u32) -> Self::Words;

    /// A word of the address.
    fn word(self, index: usize) -> u32;

    /// A flow between two such addresses.
    fn flow(flow: AnyFlow<()>, local: &Self::Words, remote: &Self::Words) -> Flow;

    /// The flows of this IP version.
    fn flows<const V4: usize, const V6: usize>(
        table: &mut FlowTable<V4, V6>,
    ) -> &mut impl Flows<Address = Self>;
}

macro_rules! address {
    ($address:ty, $words:literal, $version:ident, $table:ident) => {
        impl Address for $address {
            type Words = [u32; $words];
            const WORDS: usize = $words;
            const ZERO: Self::Words = [0; $words];

            #[inline(always)]
            fn words_of(word: impl Fn(usize) -> u32) -> Self::Words {
                array::from_fn(word)
            }

            #[inline(always)]
            fn word(self, index: usize) -> u32 {
                let octets = self.octets();
                let (words, _) = octets.as_chunks();
                words.get(index).map_or(0, |word| u32::from_ne_bytes(*word))
            }

            #[inline(always)]
            fn flow(flow: AnyFlow<()>, local: &Self::Words, remote: &Self::Words) -> Flow {
                let address = |words: &Self::Words| {
                    let mut octets = [0; 4 * $words];
                    let (chunks, _) = octets.as_chunks_mut();
                    for (chunk, word) in chunks.iter_mut().zip(words) {
                        *chunk = word.to_ne_bytes();
                    }
                    Self::from(octets)
                };
                Flow::$version(flow.with_addresses(address(local), address(remote)))
            }

            #[inline(always)]
            fn flows<const V4: usize, const V6: usize>(
                table: &mut FlowTable<V4, V6>,
            ) -> &mut impl Flows<Address = Self> {
                &mut table.$table
            }
        }
    };
}

address!(Ipv4Addr, 1, V4, ipv4);
address!(Ipv6Addr, 4, V6, ipv6);
