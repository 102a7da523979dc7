package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// tailBytes is how much of a failed command's output the invocation's error shows.
const tailBytes = 2000

// eventsPath is where the adapter posts an invocation that is no HTTP request (AWS_LWA_PASS_THROUGH_PATH's default).
const eventsPath = "/events"

// serveOnce answers the adapter: 200 to its question whether this is up, and to an invocation what the command did. A
// status of 500 makes the invocation fail, as AWS_LWA_ERROR_STATUS_CODES says.
func serveOnce(words, environment []string) error {
	var turn sync.Mutex
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) { answer.WriteHeader(http.StatusOK) })
	mux.HandleFunc(eventsPath, func(answer http.ResponseWriter, _ *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		kept := &tail{}
		command := exec.Command(words[0], words[1:]...)
		command.Env = environment
		command.Stdout, command.Stderr = io.MultiWriter(os.Stdout, kept), io.MultiWriter(os.Stderr, kept)
		said := map[string]string{"result": "done"}
		answer.Header().Set("Content-Type", "application/json")
		if err := command.Run(); err != nil {
			said = map[string]string{"error": strings.Join(words, " ") + ": " + err.Error(), "output": kept.text()}
			answer.WriteHeader(http.StatusInternalServerError)
		}
		_ = json.NewEncoder(answer).Encode(said)
	})
	return http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux)
}

// tail keeps the end of what is written to it; a command's two streams write at the same time.
type tail struct {
	lock  sync.Mutex
	bytes []byte
}

func (t *tail) Write(part []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.bytes = append(t.bytes, part...)
	if extra := len(t.bytes) - tailBytes; extra > 0 {
		t.bytes = t.bytes[extra:]
	}
	return len(part), nil
}

func (t *tail) text() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	return string(t.bytes)
}
