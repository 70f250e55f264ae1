#include "dav/xml_reader.h"

#include <expat.h>

#include <algorithm>

#include "dav/xml_writer.h"

namespace cairn::dav {
namespace {

constexpr int kMaxDepth = 64;
constexpr int kMaxNodes = 10'000;  // elements and attributes together
constexpr std::size_t kMaxNamespace = 1024;
constexpr std::size_t kMaxSerialised = 4 * kMaxXmlBody;
constexpr char kSeparator = '\x1f';  // cannot stand in XML, so in no namespace name either
constexpr std::string_view kXmlNs = "http://www.w3.org/XML/1998/namespace";

XmlName SplitName(const char* expat_name) {
  const std::string_view name = expat_name;
  const auto at = name.rfind(kSeparator);
  if (at == std::string_view::npos) return {{}, std::string(name)};
  return {std::string(name.substr(0, at)), std::string(name.substr(at + 1))};
}

// Attribute values lose line breaks and tabs to normalisation unless these are character
// references.
void AppendAttributeValue(std::string& out, std::string_view value) {
  std::string escaped;
  AppendEscaped(escaped, value);
  for (const char c : escaped) {
    if (c == '\n') {
      out += "&#10;";
    } else if (c == '\t') {
      out += "&#9;";
    } else {
      out += c;
    }
  }
}

// Writes what an element contains while the parser walks through it.
class Serialiser {
 public:
  void Open(const XmlElement& element) {
    names_.Open(out_, element.name);
    if (!element.attributes.empty()) {
      out_.pop_back();  // the '>' again
      for (const auto& [name, value] : element.attributes) AppendAttribute(name, value);
      out_ += '>';
    }
  }
  void Text(std::string_view text) { AppendEscaped(out_, text); }
  void Close(const XmlElement& element, bool empty) {
    if (empty) {
      out_.back() = '/';
      out_ += '>';
    } else {
      names_.Close(out_, element.name);
    }
  }
  std::size_t size() const { return out_.size(); }
  std::string Take() { return std::exchange(out_, {}); }

 private:
  void AppendAttribute(const XmlName& name, std::string_view value) {
    out_ += ' ';
    if (name.ns == kXmlNs) {
      out_.append("xml:").append(name.local);
    } else if (name.ns.empty()) {
      out_ += name.local;
    } else {
      // A prefix of its own, declared beside it: the element's may be bound to another namespace.
      std::string open;
      names_.Open(open, name);
      const auto blank = open.find(' ');
      if (blank != std::string::npos) {
        out_.append(open, 1, blank - 1);
        prefix_declaration_ = open.substr(blank, open.size() - blank - 1);
      } else {
        out_.append(open, 1, open.size() - 2);
      }
    }
    out_ += "=\"";
    AppendAttributeValue(out_, value);
    out_ += '"';
    if (!prefix_declaration_.empty()) {
      if (out_.find(prefix_declaration_, out_.rfind('<')) == std::string::npos)
        out_ += prefix_declaration_;
      prefix_declaration_.clear();
    }
  }

  std::string out_;
  XmlNames names_;
  std::string prefix_declaration_;
};

class Reader {
 public:
  Reader() : parser_(XML_ParserCreateNS(nullptr, kSeparator)) {}
  ~Reader() { XML_ParserFree(parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Result<XmlElement> Parse(std::string_view body) {
    CAIRN_CHECK(parser_ != nullptr);
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, &Reader::OnStart, &Reader::OnEnd);
    XML_SetCharacterDataHandler(parser_, &Reader::OnText);
    XML_SetStartDoctypeDeclHandler(parser_, &Reader::OnDoctype);
    XML_SetParamEntityParsing(parser_, XML_PARAM_ENTITY_PARSING_NEVER);
    const auto status = XML_Parse(parser_, body.data(), static_cast<int>(body.size()), XML_TRUE);
    if (refusal_ != nullptr) return Fail(ErrorCode::kInvalidArgument, refusal_);
    if (status != XML_STATUS_OK || !complete_) {
      return Fail(ErrorCode::kInvalidArgument,
                  std::string("XML: ") + XML_ErrorString(XML_GetErrorCode(parser_)));
    }
    return std::move(root_);
  }

 private:
  void Refuse(const char* why) {
    if (refusal_ == nullptr) refusal_ = why;
    XML_StopParser(parser_, XML_FALSE);
  }

  static void OnStart(void* self, const char* name, const char** attributes) {
    static_cast<Reader*>(self)->Start(name, attributes);
  }
  static void OnEnd(void* self, const char*) { static_cast<Reader*>(self)->End(); }
  static void OnText(void* self, const char* text, int length) {
    static_cast<Reader*>(self)->Text({text, static_cast<std::size_t>(length)});
  }
  static void OnDoctype(void* self, const char*, const char*, const char*, int) {
    static_cast<Reader*>(self)->Refuse("XML: a document type declaration is not accepted");
  }

  void Start(const char* name, const char** attributes) {
    if (refusal_ != nullptr) return;
    if (open_.size() >= kMaxDepth) return Refuse("XML: nested too deeply");
    XmlElement element;
    element.name = SplitName(name);
    std::size_t longest = element.name.ns.size();
    int nodes = 1;
    for (; *attributes != nullptr; attributes += 2, ++nodes) {
      if (nodes_ + nodes > kMaxNodes) return Refuse("XML: too many elements");
      element.attributes.emplace_back(SplitName(attributes[0]), attributes[1]);
      longest = std::max(longest, element.attributes.back().first.ns.size());
    }
    nodes_ += nodes;
    if (nodes_ > kMaxNodes) return Refuse("XML: too many elements");
    if (longest > kMaxNamespace) return Refuse("XML: namespace name too long");
    Enter(std::move(element));
  }

  void Enter(XmlElement element) {
    XmlElement* placed = &root_;
    const XmlElement* parent = open_.empty() ? nullptr : open_.back();
    const bool captures = Captures(parent, element.name);
    if (open_.empty()) {
      root_ = std::move(element);
    } else {
      // Siblings are added to the innermost open element only, so pointers to the open ones stay
      // valid.
      open_.back()->children.push_back(std::move(element));
      placed = &open_.back()->children.back();
    }
    open_.push_back(placed);
    if (capture_depth_ != 0) {
      serialiser_.Open(*placed);
      if (serialiser_.size() > kMaxSerialised) Refuse("XML: too large");
    } else if (captures) {
      capture_depth_ = open_.size();
    }
    last_was_start_ = true;
  }

  bool Captures(const XmlElement* parent, const XmlName& name) const {
    if (capture_depth_ != 0 || parent == nullptr) return false;
    if (name.ns == kDavNs && name.local == "owner") return true;
    return parent->name.ns == kDavNs && parent->name.local == "prop";
  }

  void Text(std::string_view text) {
    if (refusal_ != nullptr || open_.empty()) return;
    open_.back()->text.append(text);
    if (capture_depth_ != 0) serialiser_.Text(text);
    last_was_start_ = false;
  }

  void End() {
    if (refusal_ != nullptr) return;
    if (capture_depth_ == open_.size()) {
      open_.back()->inner_xml = serialiser_.Take();
      serialiser_ = Serialiser();
      capture_depth_ = 0;
    } else if (capture_depth_ != 0) {
      serialiser_.Close(*open_.back(), last_was_start_);
    }
    open_.pop_back();
    complete_ = open_.empty();
    last_was_start_ = false;
  }

  XML_Parser parser_;
  XmlElement root_;
  std::vector<XmlElement*> open_;  // from the root to the element being read
  Serialiser serialiser_;
  std::size_t capture_depth_ =
      0;  // open_.size() of the element whose content is being serialised; 0 = none
  int nodes_ = 0;
  bool last_was_start_ = false;
  bool complete_ = false;
  const char* refusal_ = nullptr;
};

}  // namespace

const XmlElement* XmlElement::Child(std::string_view ns, std::string_view local) const {
  const auto found = std::find_if(children.begin(), children.end(), [&](const XmlElement& child) {
    return child.name.ns == ns && child.name.local == local;
  });
  return found == children.end() ? nullptr : &*found;
}

Result<XmlElement> ParseXml(std::string_view body) {
  if (body.size() > kMaxXmlBody) return Fail(ErrorCode::kInvalidArgument, "XML: larger than 1 MiB");
  Reader reader;
  return reader.Parse(body);
}

}  // namespace cairn::dav
