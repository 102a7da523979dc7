// A service in one static program: its image holds nothing else, no shell above all.
package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	// A shop whose bills are written by another service, which answers elsewhere.
	http.HandleFunc("/shop/", func(answer http.ResponseWriter, _ *http.Request) {
		bill, err := http.Get(os.Getenv("BILLING_URL"))
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadGateway)
			return
		}
		defer bill.Body.Close()
		io.Copy(answer, bill.Body)
	})
	http.HandleFunc("/bills", func(answer http.ResponseWriter, _ *http.Request) { io.WriteString(answer, "a bill") })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
