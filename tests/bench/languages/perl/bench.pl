# SPDX-License-Identifier: MIT
# bench.pl call: nanoseconds of one call into the core. load: a filter in force, and the end. plain: the runtime alone.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $mode = $ARGV[0] // '';
require Abjure if $mode ne 'plain';
if ($mode eq 'load') {
    Abjure::deny('@exec', '@spawn', '@listen');
} elsif ($mode eq 'call') {
    my @times = map {
        my $before = clock_gettime(CLOCK_MONOTONIC);
        Abjure::argument('socket', 'family', {abi => 'x86_64'}) for 1 .. 10_000;
        (clock_gettime(CLOCK_MONOTONIC) - $before) * 1e9 / 10_000;
    } 1 .. 9;
    printf "%.0f\n", (sort { $a <=> $b } @times)[4];
}
