# The measured application, equal to BenchmarkApplication.java.
require "uri"

def prime?(candidate)
  divisor = 2
  while divisor * divisor <= candidate
    return false if (candidate % divisor).zero?
    divisor += 1
  end
  true
end

def sum_of_primes_below(limit)
  total = 0
  candidate = 2
  while candidate < limit
    total += candidate if prime?(candidate)
    candidate += 1
  end
  total
end

def number(environment, name)
  Integer(URI.decode_www_form(environment["QUERY_STRING"]).to_h.fetch(name))
end

def answer(environment)
  case environment["PATH_INFO"]
  when "/hello"
    "Hello, world!\n"
  when "/io"
    ms = number(environment, "ms")
    sleep(ms / 1000.0)
    "Waited #{ms} ms\n"
  when "/cpu"
    "#{sum_of_primes_below(number(environment, "n"))}\n"
  end
end

run lambda { |environment|
  text = answer(environment)
  headers = { "Content-Type" => "text/plain;charset=UTF-8" }
  text ? [200, headers.merge("Content-Length" => text.bytesize.to_s), [text]] : [404, headers, []]
}
