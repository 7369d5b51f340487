package policycase

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/windlass-io/windlass/iam"
)

// batch is a group of cases for one worker.
type batch struct {
	cases [][]byte
	lines chan []byte // what to write, once
}

// Evaluate decides the cases of a stream and writes a line for each, in order:
// {"id":"…","decision":"…"} or {"id":"…","error":"…"}. It reads, decides
// and writes concurrently, with a bounded number of cases in memory. The error is
// about the stream, never about a single case.
func Evaluate(in io.Reader, out io.Writer) error {
	workers := runtime.GOMAXPROCS(0)
	todo, order := make(chan *batch, workers), make(chan *batch, 4*workers)
	stop := make(chan struct{})
	var group errgroup.Group
	group.Go(func() error {
		defer close(todo)
		defer close(order)
		return readBatches(in, todo, order, stop)
	})
	for range workers {
		group.Go(func() error {
			var compiler Compiler
			for b := range todo {
				b.lines <- decideBatch(&compiler, b.cases)
			}
			return nil
		})
	}
	writeErr := writeBatches(out, order)
	if writeErr != nil {
		close(stop)
		for range order { // let the reader come to its end
			continue
		}
	}
	readErr := group.Wait()
	if writeErr != nil {
		return fmt.Errorf("writing decisions: %w", writeErr)
	}
	return readErr
}

func readBatches(in io.Reader, todo, order chan<- *batch, stop <-chan struct{}) error {
	const size = 128
	reader := NewReader(in)
	for {
		b := &batch{lines: make(chan []byte, 1)}
		var err error
		for err == nil && len(b.cases) < size {
			var text []byte
			if text, err = reader.Next(); err == nil {
				b.cases = append(b.cases, bytes.Clone(text))
			}
		}
		if len(b.cases) > 0 {
			select {
			case <-stop:
				return nil
			case order <- b:
			}
			todo <- b
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func writeBatches(out io.Writer, order <-chan *batch) error {
	w := bufio.NewWriterSize(out, 64<<10)
	for b := range order {
		if _, err := w.Write(<-b.lines); err != nil {
			return err
		}
	}
	return w.Flush()
}

func decideBatch(compiler *Compiler, cases [][]byte) []byte {
	var lines []byte
	for _, text := range cases {
		lines = appendDecision(lines, compiler, text)
	}
	return lines
}

func appendDecision(line []byte, compiler *Compiler, text []byte) []byte {
	c, err := Parse(text)
	line = appendJSON(append(line, `{"id":`...), c.ID)
	var policies *iam.Policies
	if err == nil {
		policies, err = compiler.Policies(c)
	}
	if err != nil {
		line = appendJSON(append(line, `,"error":`...), err.Error())
	} else {
		line = append(append(line, `,"decision":"`...), iam.Evaluate(policies, &c.Request).Effect.String()...)
		line = append(line, '"')
	}
	return append(line, "}\n"...)
}

// appendJSON appends a string as JSON.
func appendJSON(line []byte, text string) []byte {
	const digits = "0123456789abcdef"
	line = append(line, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			line = append(line, '\\', byte(r))
		case r < ' ':
			line = append(line, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			line = append(line, string(r)...)
		}
	}
	return append(line, '"')
}
