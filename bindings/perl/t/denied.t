# SPDX-License-Identifier: MIT
# What a denied call looks like: each in a process of its own, since a filter stays for good.
use strict;
use warnings;
no warnings 'exec'; # what does not start is what is looked for
use Config;
use IO::Socket::INET;
use Test::More;
use Abjure;

# What a child prints that runs the code.
sub in_child {
    my ($code) = @_;
    pipe my $read, my $write or die "pipe: $!";
    my $child = fork // die "fork: $!";
    if ($child == 0) {
        close $read;
        open STDOUT, '>&', $write or die;
        open STDERR, '>&', $write or die;
        $| = 1;
        print eval { $code->() } // "died: $@";
        require POSIX;
        POSIX::_exit(0);
    }
    close $write;
    local $/;
    my $output = <$read>;
    waitpid $child, 0;
    return $output;
}

is(in_child(sub { Abjure::deny('@exec'); my $status = system '/bin/true'; "$status $!" }), '-1 Operation not permitted', 'system');
is(in_child(sub { Abjure::deny('@exec'); my $text = `/bin/true`; ($text // 'undef') . " $!" }), 'undef Operation not permitted', 'backticks');
is(in_child(sub { Abjure::deny('@spawn'); my $child = fork; ($child // 'undef') . " $!" }), 'undef Operation not permitted', 'fork');
like(in_child(sub {
        Abjure::deny('@listen');
        IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') ? 'listens' : "no: $@";
    }), qr/^no: .*Operation not permitted/, 'listen');
is(in_child(sub { Abjure::deny('@exec', '@listen'); open my $file, '<', '/etc/hostname' or return "no: $!"; 'opens' }), 'opens', 'files open');
like(in_child(sub { Abjure::Filter->new->deny('@exec')->exec('/bin/sh', ['sh', '-c', 'echo started; /bin/true || true']) }),
    qr/started.*Operation not permitted/s, 'exec starts one program');

# The programs of a process decide together, the strictest verdict wins.
SKIP: {
    pipe my $ready, my $tell or die "pipe: $!";
    my $child = fork // die "fork: $!";
    if ($child == 0) {
        eval {
            Abjure::Filter->new->kill('acct')->deny('swapon')->load;
            Abjure::Filter->new->add('EACCES', 'acct')->load;
            syswrite $tell, 'ready';
            sleep 60;
        };
        require POSIX;
        POSIX::_exit(1);
    }
    close $tell;
    sysread $ready, my $said, 5;
    my $all = eval { Abjure::Program->effective($child) };
    my $error = $@;
    my @verdicts = map { $all->eval($_) } $all ? qw(acct swapon mount) : ();
    my @errors = map { eval { $_->() }; 0 + $! } $all ? (sub { $all->bytes }, sub { $all->load }) : ();
    kill 'KILL', $child;
    waitpid $child, 0;
    skip "$error", 2 if !$all && $error->errno == 13;
    is_deeply(\@verdicts, [qw(kill EPERM allow)], 'the programs of a process decide together') or diag $error;
    is_deeply(\@errors, [95, 95], 'several programs have no bytes and no load');
}

SKIP: {
    skip 'this Perl has no threads', 1 if !$Config{useithreads};
    require threads;
    is(in_child(sub {
            my $older = threads->create(sub { select undef, undef, undef, 0.3; my $status = system '/bin/true'; "$status $!" });
            Abjure::deny('@exec', '@spawn');
            my $younger = threads->create(sub { 42 });
            $older->join . ' ' . $younger->join;
        }), '-1 Operation not permitted 42', 'threads: older ones are covered, new ones start');
}

done_testing;
