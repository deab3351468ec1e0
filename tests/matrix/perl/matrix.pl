# SPDX-License-Identifier: MIT
# What Perl's own means do under a filter: matrix.pl PORT FOLDER [CALLS...]
use strict;
use warnings;
no warnings 'exec'; # what does not start is what is looked for
use Abjure;
use IO::Socket::INET;
use IPC::Open3 ();

my ($port, $folder, @calls) = @ARGV;
$| = 1;

# The means says "ok", or what it gave together with the errno, by name.
sub attempt {
    my ($effect, $means, $code) = @_;
    $! = 0;
    my $result = eval { $code->() } // 'died';
    my ($name) = grep { $!{$_} } qw(EPERM EACCES EAFNOSUPPORT ENOSYS ENOENT);
    print join("\t", $effect, $means, $result eq 'ok' ? 'ok' : join ' ', grep { defined } $result, $name), "\n";
}

sub touch { my ($means) = @_; return ('/bin/touch', "$folder/" . $means =~ s/\W//gr) }

my $older;
if (eval { require threads }) {
    require Thread::Queue;
    my $go = Thread::Queue->new;
    my $thread = threads->create(sub {
        $go->dequeue;
        attempt('old thread', 'system, old', sub { my $status = system touch('system, old'); $status == 0 ? 'ok' : $status });
    });
    $older = sub { $go->enqueue(1); $thread->join };
}

Abjure::deny(@calls) if @calls;

attempt('start', 'system', sub { my $status = system touch('system'); $status == 0 ? 'ok' : $status });
attempt('start', 'backticks', sub { my $command = join ' ', touch('backticks'); defined `$command` ? 'ok' : 'undef' });
attempt('start', 'open |-', sub {
    open my $pipe, '-|', touch('open |-') or return 'undef';
    return close $pipe ? 'ok' : 'failed';
});
attempt('start', 'open3', sub {
    my $child = IPC::Open3::open3('<&STDIN', my $out, undef, touch('open3'));
    waitpid $child, 0;
    'ok';
});
attempt('fork', 'fork', sub {
    my $child = fork // return 'undef';
    if ($child == 0) { require POSIX; POSIX::_exit(0) }
    waitpid $child, 0;
    'ok';
});
attempt('listen', 'IO::Socket::INET', sub { IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') ? 'ok' : 'undef' });
attempt('connect', 'IO::Socket::INET', sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) ? 'ok' : 'undef' });
attempt('open', 'open', sub { open(my $file, '<', '/etc/hostname') ? 'ok' : 'undef' });
if ($older) {
    attempt('thread', 'threads->create', sub { threads->create(sub { 42 })->join == 42 ? 'ok' : 'no answer' });
    $older->();
} else {
    print "$_\tthreads->create\tn/a\n" for 'thread', 'old thread';
}
