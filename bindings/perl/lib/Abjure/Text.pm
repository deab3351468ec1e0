# SPDX-License-Identifier: MIT
# Texts on their way into the core and out of it.
package Abjure::Text;
use strict;
use warnings;
use Abjure::Core ();
use Carp ();
use Encode ();
use Errno ();

our @CARP_NOT = qw(Abjure Abjure::Filter Abjure::Program);

# The bytes of a text that C sees whole: it would end at U+0000, and a rule behind that would be lost.
sub clean {
    my ($text) = @_;
    Carp::croak('a text is needed here, not undef') if !defined $text;
    Carp::croak('a text is needed here, not a ' . ref $text) if ref $text;
    Carp::croak('the text contains U+0000') if $text =~ /\0/;
    Carp::croak('the text is not valid Unicode') if $text =~ /[^\x{0}-\x{d7ff}\x{e000}-\x{10ffff}]/;
    my $bytes = "$text";
    utf8::encode($bytes);
    return $bytes;
}

sub decode { Encode::decode('UTF-8', $_[0]) }

sub join_calls {
    Carp::croak('no calls given; for example "@exec", "@listen"') if !@_;
    return join ', ', map { clean($_) } @_;
}

# The options in a hash behind the other arguments, taken off the list.
sub options {
    my ($list, @known) = @_;
    my %given = @$list && ref $list->[-1] eq 'HASH' ? %{pop @$list} : ();
    for my $name (sort keys %given) {
        Carp::croak("unknown option $name; there is @known") if !grep { $_ eq $name } @known;
    }
    return %given;
}

# 0 where there is none: then each rule of a group has the errno that suits it.
sub errno {
    my ($value) = @_;
    return 0 if !defined $value;
    if ($value =~ /^E[A-Z0-9]+\z/) {
        my $number = exists $!{$value} ? Errno->can($value) : undef;
        Carp::croak("unknown errno $value; for example EPERM or EACCES") if !$number;
        return $number->();
    }
    Carp::croak("an errno is a number or a name such as EACCES, not $value") if $value !~ /^-?\d+\z/;
    return $value < 0 ? -1 : $value > 65536 ? 65536 : $value + 0; # within an int of C; the core tells which are none
}

# Calls a function of the core that writes a text, again where the buffer was too small.
sub collect {
    my ($call) = @_;
    my $size = 1024;
    while (1) {
        my ($result, $text) = $call->($size);
        return ($result, decode($text)) if $result < $size;
        $size = $result + 1;
    }
}

# Arguments of a call: numbers, or texts such as "AF_INET" or "O_RDWR|O_CREAT".
sub arguments {
    my ($abi, @values) = @_;
    Carp::croak('a system call has at most 6 arguments, not ' . @values) if @values > 6;
    my @words = map {
        Carp::croak('a number or a text is needed here, not undef') if !defined;
        # What may not fit into a number of Perl's goes through the core, as text.
        /^-?\d{1,18}\z/ ? $_ & ~0 : Abjure::value($_, {abi => $abi});
    } @values;
    return (@words, (0) x (6 - @words));
}

# Lines "key: value", as a hash.
sub pairs { return {map { split /: /, $_, 2 } grep { /: / } split /\n/, $_[0]} }

# argv and envp of execve.
sub words { [map { clean($_) } @_] }

sub environment {
    my ($env) = @_;
    return undef if !defined $env;
    clean($_) for %$env;
    return words(map { "$_=$env->{$_}" } sort keys %$env);
}

1;
