# SPDX-License-Identifier: MIT
use strict;
use warnings;
use Test::More;
use Abjure;

like(Abjure::supported()->{seccomp}, qr/^yes/, 'filters can be loaded here');
ok(Abjure::is_supported(), 'the same in one word');
ok((grep { $_ eq '@exec' } Abjure::groups()), 'groups');
like(Abjure::group('@exec'), qr/execveat/, 'a group');
is(Abjure::value('O_RDWR|O_CREAT', {abi => 'x86_64'}), 0102, 'a value');
is(Abjure::value('-100', {abi => 'aarch64'}), 18446744073709551516, 'a value of 64 bits');
is(Abjure::argument('socket', 'family', {abi => 'x86_64'}), 0, 'an argument');
like(Abjure::version(), qr/^\d+\.\d+\.\d+$/, 'version');
is($Abjure::VERSION, Abjure::version(), 'the package has the version of the library');
like(Abjure::tables_version(), qr/^linux-/, 'tables');

my $mine = Abjure::status();
is($mine->{pid}, $$, 'status of this process');
like($mine->{mode}, qr/^(disabled|filter)$/, 'its mode');
is(Abjure::status($$)->{name}, $mine->{name}, 'its name');
eval { Abjure::status(2**31 - 1) };
ok($!{ESRCH} && $@->message =~ /no process/, 'a process that cannot be');
eval { Abjure::status(-1) };
is($@->errno, 22, 'no process id');

my $line = 'type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm="nc" sig=31 arch=c000003e syscall=49 code=0x0';
my $record = Abjure::explain($line);
is($record->{call}, 'bind', 'a record');
is($record->{summary}, 'nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64', 'its sentence');
eval { Abjure::explain('type=LOGIN msg=audit(1592235512.578:148): pid=1') };
is($@->errno, 2, 'a record of another type');

my $filter = Abjure::Filter->new({abis => ['x86_64']});
$filter->read("deny bind\n", 'web.policy')->deny('execve', {errno => 'EACCES'});
my $verdict = $filter->explain('execve', {abi => 'x86_64'});
is($verdict->action, 'EACCES', 'verdict');
ok(!$verdict->allowed, 'denied');
is($verdict->source, undef, 'no source');
is($filter->explain('bind', 3, 0, 16)->source, 'web.policy:1:6', 'source');
ok($filter->explain('socket', 'AF_INET', 'SOCK_STREAM')->allowed, 'allowed, arguments by name');
my $program = $filter->compile;
is($program->eval('execve'), 'EACCES', 'eval');
is($program->size * 8, length $program->bytes, 'bytes');
is(Abjure::Program->from_bytes($program->bytes)->disassemble, $program->disassemble, 'the same program from bytes');
my $again = Abjure::Filter->new->read($program->outline('policy'), 'outline');
is($again->explain('execve', {abi => 'x86_64'})->action, 'EACCES', 'the outline is a policy');
is($again->explain('close', {abi => 'x86_64'})->action, 'allow', 'that allows the rest');
like($program->outline, qr/execve/, 'the outline is a text');
like($program->outline('json, call=execve'), qr/^\{.*EACCES.*\}\s*$/s, 'the outline is JSON');
eval { $program->outline('yaml') };
ok($@->errno == 22 && $@->message =~ /yaml/, 'no other format');
like($filter->write, qr/deny bind/, 'write');
is_deeply([$filter->skipped], [], 'nothing skipped');

my $broken = Abjure::Filter->new;
eval { $broken->deny('execev') };
isa_ok($@, 'Abjure::Error');
is($@->message, 'unknown system call "execev"; did you mean "execve"?', 'message');
ok($!{ENOENT} && $@->errno == 2, '$! is set');
like("$@", qr/ at \Q$0\E line \d+\.$/, 'names the line of the caller');
$broken->deny('bind');
eval { $broken->compile };
like("$@", qr/execev/, 'broken until cleared');
is($broken->error, 2, 'its error');
is($broken->clear->compile->eval('bind'), 'EPERM', 'sound again');

eval { Abjure::deny('@lisen') };
isa_ok($@, 'Abjure::LoadError');
for my $make (sub { Abjure::Program->from_process(-1) }, sub { Abjure::Program->effective(-1) }) {
    eval { $make->() };
    isa_ok($@, 'Abjure::Error');
}

done_testing;
