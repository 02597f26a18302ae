// Pushes a job for Penstock onto a Redis list, waits up to 30 s for its end and prints it, as JSON.
//
//	go run producer.go FLOW SESSION INPUT_JSON [QUEUE]
//	go run producer.go greet user-123 '{"name": "Ada"}'
//
// Needs redigo (go get github.com/gomodule/redigo, Debian's golang-github-gomodule-redigo-dev with GO111MODULE=off and
// GOPATH=/usr/share/gocode). PENSTOCK_REDIS_URL says where Redis is (redis://host:port/db, redis+unix:///path.sock),
// PENSTOCK_PREFIX what its keys begin with. Ends with 0 if the job is done, otherwise with 1.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/gomodule/redigo/redis"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	flow, session, input, queue := os.Args[1], os.Args[2], os.Args[3], append(os.Args, "default")[4]
	prefix := append(strings.Fields(os.Getenv("PENSTOCK_PREFIX")), "penstock:")[0]
	url := append(strings.Fields(os.Getenv("PENSTOCK_REDIS_URL")), "redis://127.0.0.1:6379/0")[0]
	server, err := redis.DialURL(url)
	if path := strings.TrimPrefix(url, "redis+unix://"); path != url {
		server, err = redis.Dial("unix", path)
	}
	must(server, err)

	id := fmt.Sprintf("%x", must(io.ReadAll(io.LimitReader(rand.Reader, 16))))
	job := map[string]any{"flow": flow, "id": id, "session_id": session, "input": json.RawMessage(input)}
	must(server.Do("LPUSH", prefix+"queue:"+queue, must(json.Marshal(job))))

	ended := prefix + "ended:" + id // BLMOVE reads it and leaves it there, for others that wait; nil after 30 s
	notice := must(redis.String(server.Do("BLMOVE", ended, ended, "RIGHT", "RIGHT", 30)))
	fmt.Println(notice)
	if !strings.Contains(notice, `"status":"done"`) {
		os.Exit(1)
	}
}
