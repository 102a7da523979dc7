// Package lines answers questions from standard input on standard output: one a line, as JSON, in their order.
package lines

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Serve answers every line until the input ends. Thousands are so answered by one process.
func Serve(answer func(line []byte) any) {
	if err := serve(os.Stdin, os.Stdout, answer); err != nil {
		Fail(err)
	}
}

// Fail says why there is no answer, and ends the process.
func Fail(err error) {
	fmt.Fprintln(os.Stderr, "oracle:", err)
	os.Exit(1)
}

func serve(in io.Reader, out io.Writer, answer func(line []byte) any) error {
	lines := bufio.NewReader(in)
	answers := bufio.NewWriter(out)
	encoder := json.NewEncoder(answers)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return answers.Flush()
		}
		if err != nil && err != io.EOF {
			return err
		}
		if err := encoder.Encode(answer(line)); err != nil {
			return err
		}
		// Whoever asks one question and waits for its answer must not wait for a full buffer.
		if lines.Buffered() == 0 {
			if err := answers.Flush(); err != nil {
				return err
			}
		}
	}
}
