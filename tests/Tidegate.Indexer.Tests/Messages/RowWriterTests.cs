using System.Text;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Messages;

public class RowWriterTests
{
    [Theory]
    [InlineData("""{ "a" : [ 1 , "2.50" , null , true ] , "b" : { } }""", """{"a":[1,"2.50",null,true],"b":{}}""")]
    [InlineData("""{"equity":"5e-7"}""", """{"equity":"0.0000005"}""")]
    [InlineData("""{"equity":"-1.25E-3","size":"1.5e2","x":"0e5","y":"1.50e1"}""", """{"equity":"-0.00125","size":"150","x":"0","y":"15.0"}""")]
    [InlineData("""{"rate":1e-7,"big":1E+3}""", """{"rate":0.0000001,"big":1000}""")]
    [InlineData("""[["1e-7","2E-1"]]""", """[["0.0000001","0.2"]]""")]
    [InlineData("""{"id":"1e5","eventId":"2e7","clientId":"3e1","transactionHash":"4e2","clientMetadata":"5e1","ticker":"6e1"}""", """{"id":"1e5","eventId":"2e7","clientId":"3e1","transactionHash":"4e2","clientMetadata":"5e1","ticker":"6e1"}""")]
    [InlineData("""{"note":"1e5x","hex":"0x1e5","e":"e5","word":"Ether","q":"a\"\u00e9é+<"}""", """{"note":"1e5x","hex":"0x1e5","e":"e5","word":"Ether","q":"a\"\u00e9é+<"}""")]
    [InlineData("""{"tiny":"1e-40"}""", """{"tiny":"0.0000000000000000000000000000000000000001"}""")]
    public void A_value_is_copied_compactly_with_its_digits_and_no_exponent(string source, string expected)
    {
        Assert.True(RowWriter.TryParse(Encoding.UTF8.GetBytes(source), out var document));
        using (document)
        {
            Assert.Equal(expected, Encoding.UTF8.GetString(RowWriter.ToBytes(document.RootElement)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} x")]
    [InlineData("""{"a":"\ud800"}""")]
    public void What_is_no_single_json_value_is_refused(string text) => Assert.False(RowWriter.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
