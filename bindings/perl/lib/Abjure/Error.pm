# SPDX-License-Identifier: MIT
package Abjure::Error;
use strict;
use warnings;
use overload '""' => \&text, bool => sub { 1 }, fallback => 1;

# Dies with an object of this class, where the package was called from, with $! set.
sub throw {
    my ($class, $errno, $message, %more) = @_;
    my $level = 0;
    $level++ while (caller $level)[0] =~ /^Abjure(?:::|$)/ && defined((caller $level + 1)[0]);
    my (undef, $file, $line) = caller $level;
    my $error = bless {errno => $errno, message => $message, file => $file, line => $line, %more}, $class;
    $! = $errno;
    die $error;
}

# What the system says about an errno.
sub words {
    local $! = shift;
    return "$!";
}

sub errno { $_[0]{errno} }
sub message { $_[0]{message} }
sub thread { $_[0]{thread} }

sub text {
    my $self = shift;
    return "$self->{message} at $self->{file} line $self->{line}.\n";
}

package Abjure::LoadError;
our @ISA = ('Abjure::Error');

1;
