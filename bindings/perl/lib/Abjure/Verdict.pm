# SPDX-License-Identifier: MIT
package Abjure::Verdict;
use strict;
use warnings;

sub parse {
    my ($class, $text) = @_;
    return bless {map { split /: /, $_, 2 } split /\n/, $text}, $class;
}

for my $field (qw(action origin rule source call number abi)) {
    no strict 'refs';
    *$field = sub { $_[0]{$field} };
}

sub allowed { $_[0]{action} eq 'allow' || $_[0]{action} eq 'log' }

1;
