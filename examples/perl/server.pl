#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
# A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.
#
#     server.pl [-s | -l] [-p PORT]        -s: deny programs and new ports; -l: only log what would be denied
#
# Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice.
use strict;
use warnings;
use Abjure;
use Getopt::Std;
use IO::Socket::INET;

my %options = (p => 8080);
getopts('slp:', \%options) or die "usage: $0 [-s | -l] [-p PORT]\n";

sub answer {
    my ($path) = @_;
    return (200, "hello\n") if $path eq '/hello';
    my $folder = $path =~ /\?(.+)/ ? $1 : '.';
    $folder =~ tr/+/ /;
    $folder =~ s/%([0-9a-fA-F]{2})/chr hex $1/ge;
    my $listing = `/bin/ls -al $folder 2>&1`;
    return defined $listing ? (200, $listing) : (500, "cannot run ls: $!\n");
}

my $server = IO::Socket::INET->new(Listen => 16, ReuseAddr => 1, LocalAddr => '127.0.0.1', LocalPort => $options{p})
    or die "cannot listen on port $options{p}: $@\n";
if ($options{l}) {
    Abjure::Filter->new->set(complain => 'on')->deny('@exec', '@spawn', '@listen')->load;
} elsif ($options{s}) {
    Abjure::deny('@exec', '@spawn', '@listen'); # the server listens already: that goes on
}
print STDERR "listening on port $options{p}, process $$\n";

while (1) {
    my $client = $server->accept or next;
    my ($path) = (<$client> // '') =~ m{^\S+ (\S+)};
    while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n/ }
    my ($status, $text) = answer($path // '/');
    my $reason = $status == 200 ? 'OK' : 'Internal Server Error';
    print $client "HTTP/1.1 $status $reason\r\nContent-Type: text/plain; charset=utf-8\r\n",
        'Content-Length: ', length($text), "\r\nConnection: close\r\n\r\n", $text;
    close $client;
}
