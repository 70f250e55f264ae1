#include "http/content_type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/bytes.h"
#include "http/url.h"

namespace cairn::http {
namespace {

constexpr std::string_view kUnknown = "application/octet-stream";

// Sorted by suffix, for the binary search.
constexpr std::pair<std::string_view, std::string_view> kBySuffix[] = {
    {"3gp", "video/3gpp"},
    {"7z", "application/x-7z-compressed"},
    {"accdb", "application/msaccess"},
    {"ai", "application/illustrator"},
    {"apk", "application/vnd.android.package-archive"},
    {"arw", "image/x-dcraw"},
    {"avi", "video/x-msvideo"},
    {"bash", "text/x-shellscript"},
    {"bat", "application/x-msdos-program"},
    {"bin", "application/x-bin"},
    {"blend", "application/x-blender"},
    {"bmp", "image/bmp"},
    {"bpg", "image/bpg"},
    {"bz2", "application/x-bzip2"},
    {"c", "text/x-c"},
    {"c++", "text/x-c++src"},
    {"cb7", "application/comicbook+7z"},
    {"cbr", "application/comicbook+rar"},
    {"cbt", "application/comicbook+tar"},
    {"cbz", "application/comicbook+zip"},
    {"cc", "text/x-c"},
    {"cdr", "application/coreldraw"},
    {"class", "application/java"},
    {"cmd", "application/cmd"},
    {"cnf", "text/plain"},
    {"conf", "text/plain"},
    {"cpp", "text/x-c++src"},
    {"cr2", "image/x-dcraw"},
    {"css", "text/css"},
    {"csv", "text/csv"},
    {"dcr", "image/x-dcraw"},
    {"deb", "application/x-deb"},
    {"dng", "image/x-dcraw"},
    {"doc", "application/msword"},
    {"docm", "application/vnd.ms-word.document.macroEnabled.12"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"dot", "application/msword"},
    {"dotx", "application/vnd.openxmlformats-officedocument.wordprocessingml.template"},
    {"dv", "video/dv"},
    {"eot", "application/vnd.ms-fontobject"},
    {"eps", "application/postscript"},
    {"epub", "application/epub+zip"},
    {"erf", "image/x-dcraw"},
    {"exe", "application/x-ms-dos-executable"},
    {"fb2", "application/x-fictionbook+xml"},
    {"flac", "audio/flac"},
    {"flv", "video/x-flv"},
    {"gif", "image/gif"},
    {"gpx", "application/gpx+xml"},
    {"gz", "application/x-gzip"},
    {"gzip", "application/x-gzip"},
    {"h", "text/x-h"},
    {"heic", "image/heic"},
    {"heif", "image/heif"},
    {"hh", "text/x-h"},
    {"hpp", "text/x-h"},
    {"htm", "text/html"},
    {"html", "text/html"},
    {"ical", "text/calendar"},
    {"ics", "text/calendar"},
    {"iiq", "image/x-dcraw"},
    {"impress", "text/impress"},
    {"java", "text/x-java-source"},
    {"jp2", "image/jp2"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"jps", "image/jpeg"},
    {"js", "application/javascript"},
    {"json", "application/json"},
    {"k25", "image/x-dcraw"},
    {"kdbx", "application/x-kdbx"},
    {"kdc", "image/x-dcraw"},
    {"key", "application/x-iwork-keynote-sffkey"},
    {"keynote", "application/x-iwork-keynote-sffkey"},
    {"kml", "application/vnd.google-earth.kml+xml"},
    {"kmz", "application/vnd.google-earth.kmz"},
    {"kra", "application/x-krita"},
    {"ldif", "text/x-ldif"},
    {"lwp", "application/vnd.lotus-wordpro"},
    {"m2t", "video/mp2t"},
    {"m3u", "audio/mpegurl"},
    {"m3u8", "audio/mpegurl"},
    {"m4a", "audio/mp4"},
    {"m4b", "audio/m4b"},
    {"m4v", "video/mp4"},
    {"markdown", "text/markdown"},
    {"md", "text/markdown"},
    {"mdb", "application/msaccess"},
    {"mdown", "text/markdown"},
    {"mdwn", "text/markdown"},
    {"mef", "image/x-dcraw"},
    {"mkd", "text/markdown"},
    {"mkv", "video/x-matroska"},
    {"mm", "application/x-freemind"},
    {"mobi", "application/x-mobipocket-ebook"},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"mpg", "video/mpeg"},
    {"mpo", "image/jpeg"},
    {"msi", "application/x-msi"},
    {"mt2s", "video/MP2T"},
    {"mts", "video/MP2T"},
    {"nef", "image/x-dcraw"},
    {"numbers", "application/x-iwork-numbers-sffnumbers"},
    {"odf", "application/vnd.oasis.opendocument.formula"},
    {"odg", "application/vnd.oasis.opendocument.graphics"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"oga", "audio/ogg"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"one", "application/msonenote"},
    {"opus", "audio/ogg"},
    {"orf", "image/x-dcraw"},
    {"org", "text/org"},
    {"otf", "application/font-sfnt"},
    {"otg", "application/vnd.oasis.opendocument.graphics-template"},
    {"otp", "application/vnd.oasis.opendocument.presentation-template"},
    {"ots", "application/vnd.oasis.opendocument.spreadsheet-template"},
    {"ott", "application/vnd.oasis.opendocument.text-template"},
    {"pages", "application/x-iwork-pages-sffpages"},
    {"pdf", "application/pdf"},
    {"pef", "image/x-dcraw"},
    {"pfb", "application/x-font"},
    {"php", "application/x-php"},
    {"pl", "application/x-perl"},
    {"pls", "audio/x-scpls"},
    {"png", "image/png"},
    {"pot", "application/vnd.ms-powerpoint"},
    {"potx", "application/vnd.openxmlformats-officedocument.presentationml.template"},
    {"ppa", "application/vnd.ms-powerpoint"},
    {"pps", "application/vnd.ms-powerpoint"},
    {"ppsx", "application/vnd.openxmlformats-officedocument.presentationml.slideshow"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptm", "application/vnd.ms-powerpoint.presentation.macroEnabled.12"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"ps", "application/postscript"},
    {"psd", "application/x-photoshop"},
    {"py", "text/x-python"},
    {"raf", "image/x-dcraw"},
    {"rar", "application/x-rar-compressed"},
    {"reveal", "text/reveal"},
    {"rss", "application/rss+xml"},
    {"rtf", "text/rtf"},
    {"rw2", "image/x-dcraw"},
    {"schema", "text/plain"},
    {"sh", "text/x-shellscript"},
    {"sr2", "image/x-dcraw"},
    {"srf", "image/x-dcraw"},
    {"svg", "image/svg+xml"},
    {"swf", "application/x-shockwave-flash"},
    {"tar", "application/x-tar"},
    {"tbz2", "application/x-bzip2"},
    {"tcx", "application/vnd.garmin.tcx+xml"},
    {"tex", "application/x-tex"},
    {"tgz", "application/x-compressed"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"ttf", "application/font-sfnt"},
    {"txt", "text/plain"},
    {"url", "application/internet-shortcut"},
    {"vcard", "text/vcard"},
    {"vcf", "text/vcard"},
    {"vob", "video/dvd"},
    {"vsd", "application/vnd.visio"},
    {"vsdx", "application/vnd.ms-visio.drawing"},
    {"wav", "audio/wav"},
    {"webloc", "application/internet-shortcut"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"wmv", "video/x-ms-wmv"},
    {"woff", "application/font-woff"},
    {"wpd", "application/vnd.wordperfect"},
    {"xcf", "application/x-gimp"},
    {"xla", "application/vnd.ms-excel"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsb", "application/vnd.ms-excel.sheet.binary.macroEnabled.12"},
    {"xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xlt", "application/vnd.ms-excel"},
    {"xltx", "application/vnd.openxmlformats-officedocument.spreadsheetml.template"},
    {"xmind", "application/vnd.xmind.workbook"},
    {"xml", "application/xml"},
    {"xrf", "image/x-dcraw"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zip", "application/zip"},
};

// Types that a browser may run or interpret are delivered as something harmless, as recorded.
constexpr std::pair<std::string_view, std::string_view> kDeliveredAs[] = {
    {"text/html", "text/plain"},
    {"text/org", "text/plain"},
    {"image/svg+xml", "text/plain"},
    {"application/javascript", "text/plain"},
    {"application/json", "text/plain"},
    {"application/xml", "text/plain"},
    {"application/yaml", "text/plain"},
    {"application/x-fictionbook+xml", "text/plain"},
    {"application/x-php", "text/x-php"},
    {"application/x-shockwave-flash", "application/octet-stream"},
};

constexpr std::array<std::string_view, 6> kInline{"image/png",  "image/jpeg", "image/gif",
                                                  "image/webp", "video/mp4",  "text/plain"};

std::string Disposition(std::string_view how, std::string_view file_name) {
  const std::string encoded = EncodeUriComponent(file_name);
  return std::string(how) + "; filename*=UTF-8''" + encoded + "; filename=\"" + encoded + "\"";
}

}  // namespace

std::string_view ContentTypeOf(std::string_view file_name) {
  // The dots of a hidden file are no suffix separator: ".txt" has no suffix.
  file_name.remove_prefix(std::min(file_name.find_first_not_of('.'), file_name.size()));
  const auto dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return kUnknown;
  const std::string suffix = ToLower(file_name.substr(dot + 1));
  const auto row =
      std::lower_bound(std::begin(kBySuffix), std::end(kBySuffix), suffix,
                       [](const auto& a, const std::string& b) { return a.first < b; });
  return row != std::end(kBySuffix) && row->first == suffix ? row->second : kUnknown;
}

std::string ContentTypeHeader(std::string_view file_name) {
  std::string type(ContentTypeOf(file_name));
  for (const auto& [from, to] : kDeliveredAs) {
    if (type == from) {
      type = to;
      break;
    }
  }
  if (type.starts_with("text/")) type += ";charset=UTF-8";
  return type;
}

bool IsSafeInline(std::string_view content_type) {
  const std::string_view type = Trim(content_type.substr(0, content_type.find(';')));
  return std::find(kInline.begin(), kInline.end(), type) != kInline.end();
}

std::string AttachmentDisposition(std::string_view file_name) {
  return Disposition("attachment", file_name);
}
std::string InlineDisposition(std::string_view file_name) {
  return Disposition("inline", file_name);
}

}  // namespace cairn::http
