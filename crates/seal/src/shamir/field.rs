/// An element of GF(256) with the polynomial x^8 + x^4 + x^3 + x + 1.
///
/// SECURITY: no table and no branch on a value, so that nothing of it shows in time or in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element(pub(super) u8);

impl Element {
    /// The sum, which is also the difference.
    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }

    /// The product.
    pub(super) fn times(self, other: Self) -> Self {
        let (mut product, mut a, mut b) = (0, self.0, other.0);
        for _ in 0..8 {
            product ^= a & (b & 1).wrapping_neg();
            let carry = (a >> 7).wrapping_neg();
            a = (a << 1) ^ (REDUCTION & carry);
            b >>= 1;
        }
        Self(product)
    }

    /// The element that times this one is 1. Zero has none, and gives zero.
    pub(super) fn inverse(self) -> Self {
        // Its 254th power: 2 + 4 + 8 + 16 + 32 + 64 + 128.
        let (mut power, mut inverse) = (self, Self(1));
        for _ in 0..7 {
            power = power.times(power);
            inverse = inverse.times(power);
        }
        inverse
    }
}

const REDUCTION: u8 = 0x1b;

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiplies as polynomials first, and divides then.
    fn slowly(a: u8, b: u8) -> u8 {
        let mut product: u16 = 0;
        for bit in 0..8 {
            if b >> bit & 1 == 1 {
                product ^= u16::from(a) << bit;
            }
        }
        for bit in (8..16).rev() {
            if product >> bit & 1 == 1 {
                product ^= 0x11b << (bit - 8);
            }
        }
        u8::try_from(product).unwrap()
    }

    #[test]
    fn every_product_is_that_of_the_slow_way() {
        for a in 0..=u8::MAX {
            for b in 0..=u8::MAX {
                assert_eq!(Element(a).times(Element(b)).0, slowly(a, b), "{a} {b}");
            }
        }
    }

    #[test]
    fn every_element_but_zero_has_an_inverse() {
        for a in 1..=u8::MAX {
            assert_eq!(Element(a).times(Element(a).inverse()), Element(1), "{a}");
        }
        assert_eq!(Element(0).inverse(), Element(0));
    }

    /// The worked examples of FIPS 197.
    #[test]
    fn products_are_those_of_the_standard() {
        assert_eq!(Element(0x57).times(Element(0x83)), Element(0xc1));
        assert_eq!(Element(0x57).times(Element(0x13)), Element(0xfe));
        assert_eq!(Element(0x53).inverse(), Element(0xca));
    }
}
