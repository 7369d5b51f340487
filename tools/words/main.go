// Command words reports texts that don't follow the project's style: tics in Go
// comments, strings and identifiers, in templates, in Markdown and in commit
// subjects, and lines that are too long. The rules are in .ci/words.txt.
//
//	go run ./tools/words [-rules FILE] [-commits] [FILE|DIR ...]
//
// Without a path it checks every file that git knows. It prints each finding as
// file:line: text, and exits with status 1 if there are findings.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	rulesFile := flag.String("rules", ".ci/words.txt", "file of the rules")
	commits := flag.Bool("commits", false, "also check the subjects of commits after the rule since")
	flag.Parse()
	found, err := run(os.Stdout, *rulesFile, *commits, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "words:", err)
		os.Exit(2)
	}
	if found > 0 {
		fmt.Fprintf(os.Stderr, "words: %d findings\n", found)
		os.Exit(1)
	}
}

func run(w io.Writer, rulesFile string, commits bool, paths []string) (found int, err error) {
	text, err := os.ReadFile(rulesFile) //nolint:gosec // the file from the flags
	if err != nil {
		return 0, err
	}
	rules, err := parseRules(string(text))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", rulesFile, err)
	}
	report := func(f finding) {
		found++
		fmt.Fprintln(w, f) //nolint:errcheck // the output is closed
	}
	files, err := list(paths)
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		if rules.skips(file) {
			continue
		}
		content, err := os.ReadFile(file) //nolint:gosec // git names it
		if err != nil {
			return found, err
		}
		rules.check(file, content, report)
	}
	if commits {
		subjects, err := subjectsSince(rules.since)
		if err != nil {
			return found, err
		}
		for _, s := range subjects {
			rules.checkSubject(s.hash, s.subject, report)
		}
	}
	return found, nil
}

// list returns the files below paths that git knows or would add.
func list(paths []string) ([]string, error) {
	out, err := git(append([]string{"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	var files []string
	for name := range bytes.SplitSeq(out, []byte{0}) {
		file := string(name)
		if info, err := os.Lstat(file); file != "" && err == nil && info.Mode().IsRegular() {
			files = append(files, filepath.ToSlash(file))
		}
	}
	return files, nil
}

type subject struct{ hash, subject string }

// subjectsSince returns the subjects of the commits after one, except merges.
// It returns none in a shallow clone that lacks the commit.
func subjectsSince(commit string) ([]subject, error) {
	if _, err := git("cat-file", "-e", commit+"^{commit}"); commit == "" || err != nil {
		fmt.Fprintf(os.Stderr, "words: commit %q is not in this clone; commit subjects are not checked\n", commit)
		return nil, nil
	}
	out, err := git("log", "--no-merges", "--format=%h %s", commit+"..HEAD")
	if err != nil {
		return nil, err
	}
	var subjects []subject
	for line := range strings.Lines(string(out)) {
		hash, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		subjects = append(subjects, subject{hash, text})
	}
	return subjects, nil
}

func git(args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.Command("git", args...) //nolint:gosec,noctx // fixed arguments, and paths from the command line
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
