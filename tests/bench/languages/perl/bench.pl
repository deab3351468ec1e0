# SPDX-License-Identifier: MIT
# bench.pl call: nanoseconds of one call into the core. deny: nanoseconds until a filter is in force. load: the same, and
# the end. plain: the runtime alone.
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
} elsif ($mode eq 'deny') {
    Abjure::argument('socket', 'family'); # now everything is loaded
    my $before = clock_gettime(CLOCK_MONOTONIC);
    Abjure::deny('@exec', '@spawn', '@listen');
    printf "%.0f\n", (clock_gettime(CLOCK_MONOTONIC) - $before) * 1e9;
}
