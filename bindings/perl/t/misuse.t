# SPDX-License-Identifier: MIT
use strict;
use warnings;
use utf8;
use Test::More;
use Abjure;

sub dies(&$$) {
    my ($code, $pattern, $name) = @_;
    my $lived = eval { $code->(); 1 };
    like($lived ? 'lived' : "$@", $pattern, $name);
}

my $filter = Abjure::Filter->new;
dies { Abjure::deny("\@exec\0, \@listen") } qr/contains U\+0000/, 'NUL in deny';
dies { $filter->read("deny bind\0") } qr/contains U\+0000/, 'NUL in a policy';
dies { $filter->deny("\x{d800}") } qr/not valid Unicode/, 'a surrogate';
dies { $filter->deny(undef) } qr/not undef/, 'undef';
dies { $filter->deny([]) } qr/not a ARRAY/, 'a reference';
dies { Abjure::deny() } qr/no calls given/, 'no calls';
dies { Abjure::deny('bind', {errno => 'ENOSUCH'}) } qr/unknown errno ENOSUCH/, 'an unknown errno';
dies { Abjure::deny('bind', {errno => 5000}) } qr/no errno/, 'an errno out of range';
dies { Abjure::deny('bind', {errno => 1.5}) } qr/an errno is a number/, 'half an errno';
dies { Abjure::deny('bind', {erno => 'EPERM'}) } qr/unknown option erno/, 'a misspelt option';
dies { $filter->explain('read', (0) x 7) } qr/at most 6/, 'seven arguments';
dies { $filter->explain('read', undef) } qr/not undef/, 'an argument that is undef';
dies { $filter->explain('read', '18446744073709551616') } qr/64 bits/, 'an argument of 65 bits';
dies { Abjure::Program->from_bytes(undef) } qr/bytes are needed/, 'no bytes';
dies { Abjure::Program->from_bytes("\x{100}" x 8) } qr/bytes are needed/, 'text for bytes';
dies { Abjure::Program->from_bytes('short') } qr/8 bytes|bytes/, 'half an instruction';
dies { $filter->exec('/bin/true', ["a\0b"]) } qr/U\+0000/, 'NUL in argv';
dies { $filter->deny('exécve') } qr/exécve|unknown/, 'not ASCII';
my $huge = 'x' x (64 << 20);
dies { $filter->deny($huge) } qr/unknown system call/, 'a text of 64 MiB';
dies { Abjure::deny($huge) } qr/unknown system call/, 'the same in one line';
dies { Abjure::value($huge) } qr/./, 'a value of 64 MiB';
dies { Abjure::Program->from_bytes("\0" x (64 << 20)) } qr/bytes|instructions/, 'a program of 64 MiB';
is($filter->clear->deny('chroot')->read("#$huge\n")->compile->eval('chroot'), 'EPERM', 'a policy of 64 MiB');
dies { Abjure::Core::abjure_filter_add(undef, 'deny', 'bind') } qr/handle is missing/, 'no handle';

my @texts = (
    sub { Abjure::deny('chroot', @_) }, sub { Abjure::group(@_) }, sub { Abjure::group('@exec', {abi => $_[0] // []}) },
    sub { Abjure::value(@_) }, sub { Abjure::argument($_[0], 'fd') }, sub { Abjure::argument('read', $_[0]) },
    sub { Abjure::Filter->new({default => $_[0] // []}) }, sub { Abjure::Filter->new({abis => [$_[0]]}) },
    sub { Abjure::Filter->new->add($_[0], 'bind') }, sub { Abjure::Filter->new->add('deny', 'bind', @_) },
    sub { Abjure::Filter->new->kill(@_) }, sub { Abjure::Filter->new->set($_[0], 'on') },
    sub { Abjure::Filter->new->set('log', $_[0]) }, sub { Abjure::Filter->new->read(@_) },
    sub { Abjure::Filter->new->read('', $_[0] // []) }, sub { Abjure::Filter->new->write($_[0] // []) },
    sub { Abjure::Filter->new->explain(@_) }, sub { Abjure::Filter->new->explain('bind', @_) },
    sub { Abjure::Filter->new->load($_[0] // []) }, sub { Abjure::Filter->new->exec(@_) },
    sub { Abjure::Filter->new->exec('x', ['x', @_]) }, sub { Abjure::Filter->new->exec('x', ['x'], {A => $_[0]}) },
    sub { Abjure::Filter->new->compile->eval(@_) }, sub { Abjure::Filter->new->compile->load($_[0] // []) },
    sub { Abjure::Filter->new->compile->exec('x', [@_]) });
for my $i (0 .. $#texts) {
    for my $text ("\@exec\0, \@listen", "\@exec\x{d800}", undef, [], {}) {
        next if ref $text eq 'HASH' && $i < 20; # a hash behind the texts has options
        dies { $texts[$i]->($text) } qr/U\+0000|not valid Unicode|text is needed|text or a|no calls|unknown option/, "place $i";
    }
}

# Whoever catches the error and goes on gets no weaker filter.
for my $wrong (sub { $_[0]->deny("\@exec\0, \@listen") }, sub { $_[0]->deny("\@exec\x{d800}") }, sub { $_[0]->deny(undef) },
    sub { $_[0]->deny }, sub { $_[0]->deny('execve', {errno => 'ENOSUCH'}) }, sub { $_[0]->deny('execve', {erno => 1}) },
    sub { $_[0]->default("kill\0") }, sub { $_[0]->set('log') }, sub { $_[0]->read("deny \@exec\0") },
    sub { $_[0]->read_file('/nowhere') }, sub { $_[0]->read_file($^X) }) {
    my $broken = Abjure::Filter->new->deny('chroot');
    ok(!eval { $wrong->($broken); 1 }, 'refused');
    my ($reason) = $@ =~ /^(.*) at \S+ line/;
    is($broken->message, $reason, 'the filter tells why');
    is($broken->error, 22, 'and is broken');
    for my $use (sub { $broken->compile }, sub { $broken->write }, sub { $broken->exec('/bin/true') }, sub { $broken->load }) {
        $! = 0;
        dies { $use->() } qr/^\Q$reason\E at /, 'so it is not used';
        ok($!{EINVAL}, '$! is set');
    }
    isa_ok($@, 'Abjure::LoadError');
    is($broken->clear->compile->eval('chroot'), 'EPERM', 'until it is cleared');
    is($broken->error, 0, 'no error');
}

$filter = Abjure::Filter->new->deny('chroot');
for my $use (sub { $filter->compile->load('nonsense') }, sub { $filter->compile->exec('x', []) }) {
    $! = 0;
    eval { $use->() };
    isa_ok($@, 'Abjure::Error');
    is($! + 0, $@->errno, '$! is set by programs, too');
    isnt($! + 0, 0, 'to something');
}

$filter = Abjure::Filter->new->deny('bind');
my $program = $filter->compile;
$_->close, $_->close for $filter, $program;
dies { $filter->deny('bind') } qr/the filter was closed/, 'a closed filter';
dies { $_->() } qr/the (?:filter|program) was closed/, 'what is closed'
    for sub { $filter->default('kill') }, sub { $filter->set('log', 'on') }, sub { $filter->read('') }, sub { $filter->write },
    sub { $filter->error }, sub { $filter->message }, sub { $filter->clear }, sub { $filter->skipped }, sub { $filter->notes },
    sub { $filter->explain('bind') }, sub { $filter->compile }, sub { $filter->load }, sub { $filter->blocking_thread },
    sub { $filter->exec('true') }, sub { $program->eval('bind') }, sub { $program->bytes }, sub { $program->size },
    sub { $program->disassemble }, sub { $program->outline }, sub { $program->load }, sub { $program->exec('true') };

Abjure::Filter->new->deny('@exec')->compile for 1 .. 2000;
pass('objects free themselves');

done_testing;
