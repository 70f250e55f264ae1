// HTML written by hand: small, escaped, without script. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::web {

// For text and for attribute values in double quotes.
std::string Escape(std::string_view text);

// One form: a POST of the page's own, with the request token that proves it.
class Form {
 public:
  // `action`: path with query.
  Form(std::string_view action, std::string_view request_token);
  // What goes along unseen.
  Form& Hidden(std::string_view name, std::string_view value);
  struct Field {
    std::string_view name;
    std::string_view label;
    std::string_view type = "text";
    std::string_view value = {};
    std::string_view autocomplete = "off";
    bool required = true;
    std::string_view hint = {};
  };
  Form& Input(const Field& field);
  // `about`: read by screen readers in place of the label, where many buttons look alike.
  Form& Button(std::string_view label, std::string_view about = {}, std::string_view name = {},
               std::string_view value = {});
  std::string End() &&;

 private:
  std::string html_;
  std::string id_;
};

// <table> with a caption; cells are HTML already.
std::string Table(std::string_view caption, const std::vector<std::string_view>& columns,
                  const std::vector<std::vector<std::string>>& rows);

// "12 bytes", "1.5 MiB".
std::string SizeText(std::uint64_t bytes);

// A message on top of the page: `alert` for what went wrong.
std::string Notice(std::string_view text, bool alert);

}  // namespace cairn::web
