# SPDX-License-Identifier: MIT
package Abjure::Program;
use strict;
use warnings;
use Abjure::Core ();
use Abjure::Error ();
use Abjure::Text ();
use Carp ();

# A copy in another thread would free the handle a second time.
sub CLONE_SKIP { 1 }

sub _made {
    my ($class, $handle, $why) = @_;
    Abjure::Error->throw(-$handle, Abjure::Text::decode($why)) if !ref $handle;
    return bless {handle => $handle}, $class;
}

sub _handle { $_[0]{handle} || Carp::croak('the program was closed') }

sub from_bytes {
    my ($class, $bytes) = @_;
    Carp::croak('bytes are needed here') if !defined $bytes || ref $bytes || $bytes =~ /[^\x00-\xff]/;
    return $class->_made(Abjure::Core::abjure_program_from_bytes($bytes, 1024));
}

sub from_process {
    my ($class, $pid, $index) = @_;
    return $class->_made(Abjure::Core::abjure_program_from_process($pid, $index // 0, 1024));
}

sub effective {
    my ($class, $pid) = @_;
    return $class->_made(Abjure::Core::abjure_program_effective($pid, 1024));
}

sub bytes {
    my $self = shift;
    my ($size) = Abjure::Core::abjure_program_bytes($self->_handle, 0);
    Abjure::Error->throw(-$size, 'these are all programs of a process, and each has bytes of its own: use from_process')
        if $size < 0;
    my (undef, $bytes) = Abjure::Core::abjure_program_bytes($self->_handle, $size);
    return $bytes;
}

sub size { length($_[0]->bytes) / 8 }

sub eval {
    my ($self, $call, @args) = @_;
    my %options = Abjure::Text::options(\@args, 'abi');
    my $abi = Abjure::Text::clean($options{abi} // '');
    my @words = Abjure::Text::arguments($abi, @args);
    my $name = Abjure::Text::clean($call);
    my ($result, $text) =
        Abjure::Text::collect(sub { Abjure::Core::abjure_program_eval($self->_handle, $abi, $name, @words, $_[0]) });
    Abjure::Error->throw(-$result, $text) if $result < 0;
    return $text;
}

sub disassemble {
    my $self = shift;
    my (undef, $text) = Abjure::Text::collect(sub { Abjure::Core::abjure_program_disassemble($self->_handle, $_[0]) });
    return $text;
}

sub outline {
    my ($self, $format) = @_;
    my $words = Abjure::Text::clean($format // 'text');
    my ($result, $text) =
        Abjure::Text::collect(sub { Abjure::Core::abjure_program_outline($self->_handle, $words, $_[0]) });
    Abjure::Error->throw(-$result, $text) if $result < 0;
    return $text;
}

sub load {
    my ($self, $options) = @_;
    my $result = Abjure::Core::abjure_program_load($self->_handle, Abjure::Text::clean($options // ''));
    Abjure::LoadError->throw(-$result, 'the program was not loaded: ' . Abjure::Error::words(-$result)) if $result < 0;
    return;
}

sub exec {
    my ($self, $path, $argv, $env) = @_;
    my $result = Abjure::Core::abjure_program_exec($self->_handle, Abjure::Text::clean($path),
        Abjure::Text::words(@{$argv // [$path]}), Abjure::Text::environment($env));
    Abjure::Error->throw(-$result, "cannot start $path: " . Abjure::Error::words(-$result));
}

sub close {
    my $self = shift;
    my $handle = delete $self->{handle} or return;
    Abjure::Core::abjure_program_free($handle);
    return;
}

sub DESTROY { local ($@, $!); $_[0]->close }

1;
