# SPDX-License-Identifier: MIT
package Abjure::Filter;
use strict;
use warnings;
use Abjure::Core ();
use Abjure::Error ();
use Abjure::Program ();
use Abjure::Text ();
use Abjure::Verdict ();
use Carp ();
use Errno ();

# A copy in another thread would free the handle a second time.
sub CLONE_SKIP { 1 }

sub new {
    my ($class, @rest) = @_;
    my %options = Abjure::Text::options(\@rest, qw(default abis));
    my $handle = Abjure::Core::abjure_filter_new() or Carp::croak('out of memory');
    my $self = bless {handle => $handle}, $class;
    $self->set('abi', $_) for @{$options{abis} // []};
    $self->default($options{default}) if defined $options{default};
    return $self;
}

sub _handle { $_[0]{handle} || Carp::croak('the filter was closed') }

sub _check {
    my ($self, $result) = @_;
    Abjure::Error->throw(-$result, $self->message) if $result < 0;
    return $self;
}

# For what changes the filter. What this package refuses breaks it, as what the core refuses does.
sub _change {
    my ($self, $call) = @_;
    my $result;
    return $self->_check($result) if eval { $result = $call->($self->_handle); 1 };
    ($self->{refused}) = $@ =~ /(.*?)(?: at \S+ line \d+\.)?$/m if !defined $self->{refused};
    die $@;
}

# Dies where the filter is broken by what the core has not seen.
sub _sound {
    my ($self, $kind) = @_;
    my $handle = $self->_handle;
    ($kind // 'Abjure::Error')->throw(Errno::EINVAL(), $self->{refused}) if defined $self->{refused};
    return $handle;
}

sub _text {
    my ($self, $function, @words) = @_;
    my $handle = $self->_handle;
    return Abjure::Text::collect(sub { $function->($handle, @words, $_[0]) });
}

sub add {
    my ($self, $action, @calls) = @_;
    return $self->_change(sub {
        Abjure::Core::abjure_filter_add($_[0], Abjure::Text::clean($action), Abjure::Text::join_calls(@calls));
    });
}

sub allow { my $self = shift; return $self->add('allow', @_) }
sub log { my $self = shift; return $self->add('log', @_) }
sub kill { my $self = shift; return $self->add('kill', @_) }
sub trap { my $self = shift; return $self->add('trap', @_) }

sub deny {
    my ($self, @calls) = @_;
    my $action;
    $self->_change(sub {
        my %options = Abjure::Text::options(\@calls, 'errno');
        my $errno = Abjure::Text::errno($options{errno});
        $action = $errno ? "errno($errno)" : 'deny';
        0;
    });
    return $self->add($action, @calls);
}

sub default {
    my ($self, $action) = @_;
    return $self->_change(sub { Abjure::Core::abjure_filter_default($_[0], Abjure::Text::clean($action)) });
}

sub set {
    my ($self, $option, $value) = @_;
    return $self->_change(sub {
        Abjure::Core::abjure_filter_set($_[0], Abjure::Text::clean($option), Abjure::Text::clean($value));
    });
}

sub read {
    my ($self, $text, $name) = @_;
    return $self->_change(sub {
        Abjure::Core::abjure_filter_read($_[0], Abjure::Text::clean($text), Abjure::Text::clean($name // 'policy'));
    });
}

sub read_file {
    my ($self, $path) = @_;
    my $text;
    $self->_change(sub {
        open my $file, '<:raw', $path or Carp::croak("cannot read $path: $!");
        local $/;
        $text = <$file> // '';
        utf8::decode($text) or Carp::croak("$path is not valid UTF-8");
        0;
    });
    return $self->read($text, $path);
}

sub write {
    my ($self, $format) = @_;
    $self->_sound;
    my ($result, $text) = $self->_text(\&Abjure::Core::abjure_filter_write, Abjure::Text::clean($format // 'policy'));
    $self->_check($result);
    return $text;
}

sub error {
    my $self = shift;
    return -Abjure::Core::abjure_filter_error($self->_handle) || (defined $self->{refused} ? Errno::EINVAL() : 0);
}

sub message {
    my $self = shift;
    my (undef, $text) = $self->_text(\&Abjure::Core::abjure_filter_message);
    return $text ne '' ? $text : $self->{refused} // '';
}

sub clear {
    my $self = shift;
    Abjure::Core::abjure_filter_clear($self->_handle);
    delete $self->{refused};
    return $self;
}

sub skipped {
    my (undef, $text) = $_[0]->_text(\&Abjure::Core::abjure_filter_skipped);
    return split /\n/, $text;
}

sub notes {
    my (undef, $text) = $_[0]->_text(\&Abjure::Core::abjure_filter_notes);
    return split /\n/, $text;
}

sub explain {
    my ($self, $call, @args) = @_;
    my %options = Abjure::Text::options(\@args, 'abi');
    my $abi = Abjure::Text::clean($options{abi} // '');
    my @words = ($abi, Abjure::Text::clean($call), Abjure::Text::arguments($abi, @args));
    my ($result, $text) = $self->_text(\&Abjure::Core::abjure_filter_explain, @words);
    $self->_check($result);
    return Abjure::Verdict->parse($text);
}

sub compile {
    my $self = shift;
    my $program = Abjure::Core::abjure_filter_compile($self->_sound);
    $self->_check($program) if !ref $program;
    return Abjure::Program->_made($program);
}

sub load {
    my ($self, $options) = @_;
    my $words = Abjure::Text::clean($options // '');
    my $result = Abjure::Core::abjure_filter_load($self->_sound('Abjure::LoadError'), $words);
    Abjure::LoadError->throw(-$result, $self->message, thread => $self->blocking_thread) if $result < 0;
    return;
}

sub blocking_thread { Abjure::Core::abjure_filter_blocking_thread($_[0]->_handle) || undef }

sub exec {
    my ($self, $path, $argv, $env) = @_;
    return $self->_check(
        Abjure::Core::abjure_filter_exec($self->_sound, Abjure::Text::clean($path),
            Abjure::Text::words(@{$argv // [$path]}), Abjure::Text::environment($env)));
}

sub close {
    my $self = shift;
    my $handle = delete $self->{handle} or return;
    Abjure::Core::abjure_filter_free($handle);
    return;
}

sub DESTROY { local ($@, $!); $_[0]->close }

1;
