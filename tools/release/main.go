// Command release writes what a release of windlass consists of, besides the deb and
// the rpm:
//
//	release archives   an archive for each platform, with a list of its parts
//	release image      a container image, for docker load
//	release sums       SHA256SUMS of the folder
//
// Its output depends only on the sources: the time in it is that of the commit. Run
// it by make release.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

// options are the flags of all commands.
type options struct {
	version   string     // such as 1.4.0
	at        time.Time  // of the files in the output
	root      string     // the folder with the sources
	extra     string     // the folder with man pages and completions
	platforms []platform // of the archives
	binary    string     // the static program, for the image
	arch      string     // of the image
	out       string     // the folder to write to
}

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("name a command: archives, image or sums")
	}
	o := options{platforms: platforms}
	var seconds int64
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.StringVar(&o.version, "version", "0.0.0", "version of windlass")
	flags.Int64Var(&seconds, "time", 0, "time of the commit, in seconds since 1970")
	flags.StringVar(&o.root, "root", "../..", "folder with the sources")
	flags.StringVar(&o.extra, "extra", "../../bin", "folder with man and completion")
	flags.StringVar(&o.binary, "binary", "../../bin/static/windlass", "static program, for the image")
	flags.StringVar(&o.arch, "arch", "amd64", "architecture of the image")
	flags.StringVar(&o.out, "out", "../../bin/release", "folder to write to")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	o.at = time.Unix(seconds, 0).UTC()
	if err := os.MkdirAll(o.out, 0o750); err != nil {
		return err
	}
	switch args[0] {
	case "archives":
		return archives(ctx, out, &o)
	case "image":
		file, err := writeImage(&o)
		if err == nil {
			_, err = fmt.Fprintln(out, file)
		}
		return err
	case "sums":
		return sums(o.out)
	default:
		return fmt.Errorf("there is no command %s; use archives, image or sums", args[0])
	}
}
