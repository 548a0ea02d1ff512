"""The measured application, equal to BenchmarkApplication.java."""

import time

from flask import Flask, Response, request

app = Flask(__name__)


def text(body):
    return Response(body, content_type="text/plain;charset=UTF-8")


@app.get("/hello")
def hello():
    return text("Hello, world!\n")


@app.get("/io")
def io():
    ms = int(request.args["ms"])
    time.sleep(ms / 1000)
    return text(f"Waited {ms} ms\n")


@app.get("/cpu")
def cpu():
    return text(f"{sum_of_primes_below(int(request.args['n']))}\n")


def sum_of_primes_below(n):
    total = 0
    for candidate in range(2, n):
        if is_prime(candidate):
            total += candidate
    return total


def is_prime(candidate):
    divisor = 2
    while divisor * divisor <= candidate:
        if candidate % divisor == 0:
            return False
        divisor += 1
    return True
