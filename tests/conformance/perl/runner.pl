# SPDX-License-Identifier: MIT
# Runs the corpus from Perl: runner.pl FOLDER. tests/corpus/README.md has the format.
use strict;
use warnings;
use Abjure;
use Errno ();
use File::Find ();

binmode STDOUT, ':encoding(UTF-8)';

sub unescape {
    my ($text) = @_;
    $text =~ s/\\(?:x([0-9a-fA-F]{2})|(.))/defined $1 ? chr hex $1 : {n => "\n", t => "\t"}->{$2} \/\/ $2/ge;
    return $text;
}

sub words {
    my ($line) = @_;
    my @words;
    push @words, defined $1 ? unescape($1) : $2 while $line =~ /"((?:[^"\\]|\\.)*)"|(\S+)/g;
    return @words;
}

# The cases of a file, each a list of steps.
sub read_cases {
    my ($file) = @_;
    open my $lines, '<:encoding(UTF-8)', $file or die "$file: $!";
    my @cases;
    while (my $line = <$lines>) {
        chomp $line;
        next if $line eq '' || $line =~ /^#/;
        if ($line =~ /^case /) {
            push @cases, [];
        } elsif ($line =~ /^[a-z]/) {
            push @{$cases[-1]}, {line => $., words => [words($line)], expected => []};
        } elsif ($line =~ /^> ?(.*)/) {
            my $text = $1;
            my ($at) = grep { /^(?:<<\z|\x01)/ } @{$cases[-1][-1]{words}};
            $_ = ($_ eq '<<' ? "\x01" : $_) . "$text\n" for grep { $_ eq $at } @{$cases[-1][-1]{words}};
        } else {
            push @{$cases[-1][-1]{expected}}, $line;
        }
    }
    for my $step (map { @$_ } @cases) { s/^\x01// for @{$step->{words}} }
    return @cases;
}

sub lines { join '', map { "$_\n" } @_ }

my ($filter, $program); # of the case

sub verdict {
    my ($v) = @_;
    return join '', map { defined $v->$_ ? "$_: " . $v->$_ . "\n" : '' } qw(action origin rule source call number abi);
}

# ABI, call and arguments of a verb, in the order of the package.
sub call { my ($abi, $call, @args) = @_; return ($call, (map { /^0x/i ? Math::BigInt->from_hex($_)->bstr : $_ } @args), {abi => $abi}) }

sub pairs { my ($all) = @_; return join '', map { "$_: $all->{$_}\n" } keys %$all }

my @fields = qw(time serial call abi action signal errno pid uid auid gid session name exe ip subject compat summary);

sub record {
    my ($record) = @_;
    return join '', map { exists $record->{$_} ? "$_: $record->{$_}\n" : () } @fields;
}

my %verbs = (
    filter_new => sub { $filter = Abjure::Filter->new; '' },
    filter_free => sub { $filter->close; '' },
    filter_compile => sub { $program = $filter->compile; '' },
    filter_error => sub { -$filter->error },
    filter_skipped => sub { lines($filter->skipped) },
    filter_notes => sub { lines($filter->notes) },
    filter_explain => sub { verdict($filter->explain(call(@_))) },
    filter_blocking_thread => sub { $filter->blocking_thread // 0 },
    filter_exec => sub { my $path = shift; $filter->exec($path, [@_]) },
    filter_message => sub { $filter->message },
    filter_write => sub { $filter->write(@_) },
    (map { my $name = $_; ("filter_$name" => sub { $filter->$name(@_); '' }) } qw(add default set read clear load)),
    program_from_bytes => sub { $program = Abjure::Program->from_bytes(pack 'H*', $_[0]); '' },
    program_from_process => sub { $program = Abjure::Program->from_process(@_); '' },
    program_effective => sub { $program = Abjure::Program->effective(@_); '' },
    program_free => sub { $program->close; '' },
    program_bytes => sub { unpack 'H*', $program->bytes },
    program_load => sub { $program->load(@_); '' },
    program_exec => sub { my $path = shift; $program->exec($path, [@_]) },
    program_eval => sub { $program->eval(call(@_)) },
    program_disassemble => sub { $program->disassemble },
    program_outline => sub { $program->outline(@_) },
    supported => sub { pairs(Abjure::supported()) },
    status => sub { pairs(Abjure::status($_[0])) },
    groups => sub { lines(Abjure::groups()) },
    group => sub { Abjure::group($_[0], {abi => $_[1]}) },
    value => sub { Abjure::value($_[1], {abi => $_[0]}) },
    argument => sub { Abjure::argument($_[1], $_[2], {abi => $_[0]}) },
    version => \&Abjure::version,
    tables_version => \&Abjure::tables_version,
    explain => sub { record(Abjure::explain(@_)) },
    deny => sub { Abjure::deny($_[0], $_[1] ? {errno => $_[1]} : ()); '' },
);

# undef where the outcome is as expected, else what was wanted.
sub differs {
    my ($step, $error, $text) = @_;
    my @expected = @{$step->{expected}};
    return $error && 'success' if !@expected;
    my @rest = split /\n/, $text;
    for my $line (@expected) {
        my ($kind, $tail) = $line =~ /^(\||!~|!|~|=)(.*)/;
        my @wanted = $kind eq '|' ? () : words($tail);
        my $fine =
              $kind eq '|' ? !$error && @rest && shift(@rest) eq $tail =~ s/^ //r
            : $kind eq '!~' ? $error eq $wanted[0] && index($text, $wanted[1]) >= 0
            : $kind eq '!' ? $error eq $wanted[0] && (@wanted < 2 || $text eq $wanted[1])
            : $kind eq '~' ? !$error && index($text, $wanted[0]) >= 0
            : !$error && $text eq $wanted[0];
        return $line if !$fine;
    }
    return (grep { /^\|/ } @expected) && @rest ? 'no further line' : undef;
}

sub run_step {
    my ($file, $step) = @_;
    my ($verb, @words) = @{$step->{words}};
    my ($error, $text) = ('', '');
    if (!eval { $text = ($verbs{$verb} // die "no verb $verb\n")->(@words); 1 }) {
        my $problem = $@;
        my $number = ref $problem ? $problem->errno : 0;
        ($error) = ref $problem ? $number == 95 ? 'ENOTSUP' : grep { Errno->can($_)->() == $number } sort keys %! : 'died';
        $text = ref $problem ? $problem->message : $problem;
    }
    my $wanted = differs($step, $error, $text) or return 1;
    print "$file:$step->{line}: $verb: wanted $wanted\n  got $error $text\n";
    return 0;
}

require Math::BigInt;
my @files;
File::Find::find({wanted => sub { push @files, $File::Find::name if /\.case\z/ }, no_chdir => 1}, $ARGV[0]);
my ($passed, $failed) = (0, 0);
for my $file (sort @files) {
    for my $case (read_cases($file)) {
        ($filter, $program) = ();
        (grep { !run_step($file, $_) } @$case) ? $failed++ : $passed++;
    }
}
print "conformance perl: $passed passed, $failed failed, 0 skipped\n";
exit($failed || !$passed ? 1 : 0);
