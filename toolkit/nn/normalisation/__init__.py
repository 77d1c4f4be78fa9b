r"""Normalisations that commute with a group, and that leave zeros of symmetry at zero.

**Which are legal.** A normalisation subtracts a mean and multiplies by a scale. It commutes with G
if the mean is an invariant function (constant on orbits, up to signs; of the trivial simple) and
the scale an invariant number for each *part* of the module that G keeps: an orbit of points, the
isotypic part of a simple, or the whole. So the statistics are means over the points of an orbit (or
over the coordinates of an isotypic part), over channels, over the batch; weights are one for each
part and channel, biases one for each invariant function and channel. On permutation and signed
modules the channels of one point may be normalised by themselves as well: that is a function of the
value at the point.

**Zeros stay zero.** Symmetry makes components exactly zero, of which floating point keeps rounding
errors of size u times the signal, u the precision. A usual normalisation multiplies a part of
energy s^2 by 1/sqrt(s^2 + eps): a zero is raised by 1/sqrt(eps) = 300, and three in a row turn 1e-8
into 0.9. All normalisations here multiply by

.. math:: \frac{1}{\sqrt{s^2 + e}} \cdot \sqrt{\frac{s^2}{s^2 + e}} = \frac{s}{s^2 + e}, \qquad
          e = \mathrm{eps} + c\,T^2,

the usual quotient times the root of the *share of signal* s^2/(s^2 + e), where T^2 is the mean
square of the whole tensor before any mean is subtracted, and c = 32 u (c = u in half precision,
in which numbers are stored but not added up). For s^2 far above e this is 1/s, as usual (to e/s^2,
twice the usual deviation). A part with s below e is never made larger. With eps = 1e-5, as torch
has it, noise of up to 1e-5 stays where it is, and by the second term noise of up to 8 u T (u T in
half precision), however large T is, comes out as at most 2 u: below the rounding errors that the
next linear layer makes of its other components. A part with s = 0.01 T still comes out as 0.9 of
its usual size in float32.

What no normalisation can know: whether a tensor that is small *as a whole* is noise. Then eps alone
decides, as an absolute size; so choose it above the square root of u times the size of the
network's inputs where these are not of order one.
"""
