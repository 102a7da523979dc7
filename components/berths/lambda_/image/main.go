// Start runs a service's command inside a Lambda function, which has no way to hand a secret to its process: the
// function's environment names where each lies, and this program reads them and becomes the command.
//
//	start serve WORD...   reads the secrets, then becomes the command
//	start init WORD...    reads the secrets, then runs the command once for each invocation and fails with it
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// secretsWait is how long the secrets may take; Lambda gives a start 10 seconds in all.
const secretsWait = 8 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("usage: start serve|init WORD...")
	}
	mode, words := arguments[0], arguments[1:]
	ctx, cancel := context.WithTimeout(context.Background(), secretsWait)
	defer cancel()
	environment, err := resolve(ctx, os.Environ())
	if err != nil {
		return err
	}
	switch mode {
	case "serve":
		program, err := exec.LookPath(words[0])
		if err != nil {
			return err
		}
		return syscall.Exec(program, words, environment)
	case "init":
		return serveOnce(words, environment)
	}
	return fmt.Errorf("%q is neither serve nor init", mode)
}
