# SPDX-License-Identifier: MIT
package Abjure;
use strict;
use warnings;
use Abjure::Core ();
use Abjure::Error ();
use Abjure::Filter ();
use Abjure::Program ();
use Abjure::Text ();

our $VERSION = version();

sub deny {
    my @calls = @_;
    my %options = Abjure::Text::options(\@calls, 'errno');
    my ($result, $why) =
        Abjure::Core::abjure_deny(Abjure::Text::join_calls(@calls), Abjure::Text::errno($options{errno}), 1024);
    Abjure::LoadError->throw(-$result, Abjure::Text::decode($why)) if $result < 0;
    return;
}

sub supported {
    my (undef, $text) = Abjure::Text::collect(\&Abjure::Core::abjure_supported);
    return Abjure::Text::pairs($text);
}

sub is_supported {
    return (supported()->{filter} // 'no') =~ /^yes/ ? 1 : 0;
}

sub status {
    my ($pid) = @_;
    my ($result, $text) = Abjure::Text::collect(sub { Abjure::Core::abjure_status($pid // 0, $_[0]) });
    Abjure::Error->throw(-$result, $text) if $result < 0;
    return Abjure::Text::pairs($text);
}

sub groups {
    my (undef, $text) = Abjure::Text::collect(\&Abjure::Core::abjure_groups);
    return split ' ', $text;
}

sub group {
    my ($name, @rest) = @_;
    my %options = Abjure::Text::options(\@rest, 'abi');
    my @words = (Abjure::Text::clean($name), Abjure::Text::clean($options{abi} // ''));
    my ($result, $text) = Abjure::Text::collect(sub { Abjure::Core::abjure_group(@words, $_[0]) });
    Abjure::Error->throw(-$result, $text) if $result < 0;
    return $text;
}

sub value {
    my ($text, @rest) = @_;
    my %options = Abjure::Text::options(\@rest, 'abi');
    my ($result, $value, $why) =
        Abjure::Core::abjure_value(Abjure::Text::clean($options{abi} // ''), Abjure::Text::clean($text), 1024);
    Abjure::Error->throw(-$result, Abjure::Text::decode($why)) if $result < 0;
    return $value;
}

sub argument {
    my ($call, $name, @rest) = @_;
    my %options = Abjure::Text::options(\@rest, 'abi');
    my @words = map { Abjure::Text::clean($_) } $options{abi} // '', $call, $name;
    my ($result, $why) = Abjure::Core::abjure_argument(@words, 1024);
    Abjure::Error->throw(-$result, Abjure::Text::decode($why)) if $result < 0;
    return $result;
}

sub explain {
    my $line = Abjure::Text::clean($_[0]);
    my ($result, $text) = Abjure::Text::collect(sub { Abjure::Core::abjure_explain($line, $_[0]) });
    Abjure::Error->throw(-$result, $text) if $result < 0;
    return {map { split /: /, $_, 2 } split /\n/, $text};
}

sub version { Abjure::Core::abjure_version() }
sub tables_version { Abjure::Core::abjure_tables_version() }

1;

__END__

=encoding UTF-8

=head1 NAME

Abjure - give up system calls for good

=head1 SYNOPSIS

    use Abjure;

    Abjure::deny('@exec', '@spawn', '@listen');
    print `ls` // "denied: $!\n";    # denied: Operation not permitted

=head1 DESCRIPTION

From that line on no thread of this process, and nothing that it starts, can execute a program, make a process or open a
port. There is no way back. A failure to load dies, always. C<use> changes nothing.

A filter is an ordered list of rules and a default action. The first rule that matches a call decides it.

    my $filter = Abjure::Filter->new;
    $filter->allow('ioctl(cmd == TIOCGWINSZ)')->deny('@exec', 'ioctl');
    $filter->load;

Calls are texts such as C<execve>, C<@listen>, C<socket(family == AF_INET)>; abjure(1) has the language. An argument of a
call is a number, or a text such as C<AF_INET>.

=head1 FUNCTIONS

=over

=item deny(CALLS..., {errno => 'EACCES'})

Denies the calls to all threads, now and for good. Without C<errno>, each rule of a group has the errno that suits it.

=item supported(), is_supported()

What this kernel, process and sandbox allow, a reference to a hash; whether filters can be loaded.

=item status(PID)

How a process uses seccomp now, without a PID this one, a reference to a hash: mode (disabled, strict, filter), pid, name,
parent, uid, filters, no_new_privs, speculation, threads, differing, exe, cgroup, unit and container, where known.

=item groups(), group(NAME, {abi => ABI})

The names of the groups; what one is for, its rules, what it breaks and what it leaves open.

=item value(TEXT, {abi => ABI}), argument(CALL, NAME, {abi => ABI})

The value of a constant; which argument of a call has this name.

=item explain(LINE)

What one line of audit.log, ausearch, dmesg or the journal says of a denied call, a reference to a hash: time, serial,
call, abi, action, signal, errno, pid, uid, auid, gid, session, name, exe, ip, subject, compat and summary, which is a
sentence. What the record does not have is left out.

=item version(), tables_version()

The library's version; the newest kernel whose calls it knows.

=back

=head1 FILTERS

Abjure::Filter has new({default => ACTION, abis => [ABI...]}), add(ACTION, CALLS...), allow, deny (with an C<errno>
behind the calls), kill, log, trap, default(ACTION), set(OPTION, VALUE), read(TEXT, NAME), read_file(PATH),
write(FORMAT), explain(CALL, ARGUMENTS..., {abi => ABI}), compile, load(OPTIONS), exec(PATH, [WORDS], {ENVIRONMENT}),
skipped, notes, error, message, clear, blocking_thread and close. C<explain> gives an Abjure::Verdict with action,
origin, rule, source, call, number, abi and allowed.

=head1 PROGRAMS

Abjure::Program comes from compile, from_bytes(BYTES), from_process(PID, INDEX) and effective(PID), which takes all
programs of a process as one. It has bytes, size, eval(CALL, ARGUMENTS..., {abi => ABI}), disassemble, outline(FORMAT),
load(OPTIONS), exec and close. The outline is "text", "policy" or "json": what the program does for every call.

=head1 ERRORS

What the core refuses dies with an Abjure::Error, and sets C<$!>: C<errno> is the number, C<message> the cause and the
remedy. A filter that is not in force is an Abjure::LoadError, with C<thread> where a thread is in the way. Text with
U+0000, what is no text and a closed handle croak. A method that fails leaves the rules as they were and the filter
broken: load, compile, exec and write die until C<clear>.

A call that a filter denies does in Perl what it does with that errno: C<system> gives -1, C<fork> and backticks undef,
each with C<$!> set.

=head1 THREADS

A filter covers all threads. One filter or program is used by the thread that made it: in others it is undef.

=head1 LICENSE

MIT

=cut
